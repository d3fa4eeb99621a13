/** A response that has arrived in full. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Requests a URL. Redirects are not followed.
 * @param maxBytes of the body
 * @throws Error without an answer in time, or with a larger body
 */
export async function boundedFetch(url: string, init: RequestInit, maxBytes: number): Promise<Answer> {
  const response = await fetch(url, { ...init, redirect: 'manual' });
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return { status: response.status, text: Buffer.concat(pieces).toString() };
}

/**
 * Parses the text of an answer.
 * @throws Error that does not quote the text, as an error of `JSON.parse` does
 */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the answer is not JSON');
  }
}

/** Describes a failed request in a few words, without any text of the other side. */
export function problemOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError' || name === 'AbortError') return 'timeout';
  return ((cause ?? error) as NodeJS.ErrnoException).code ?? message;
}
