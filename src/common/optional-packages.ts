/**
 * Loads a part of the server that needs optional packages.
 * @param part what needs them
 * @param without how the application does without it
 * @throws Error that names the missing package
 */
export async function loadOptional<T>(part: string, without: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const name = missingPackage(error);
    if (name === undefined) throw error;
    throw new Error(
      `${part} needs the optional package ${name}, which is not installed: ` +
        `run npm install --include=optional, or ${without}`,
      { cause: error },
    );
  }
}

function missingPackage(error: unknown): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return undefined;
  return /^Cannot find (?:package|module) '([^'./][^']*)'/.exec(message)?.[1];
}
