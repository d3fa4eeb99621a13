import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { TurnOptions } from '../config/sections/ice.options.js';

/** A secret in a file is read again after this time. */
const REREAD_AFTER_MS = 1000;

/**
 * The secret that this server shares with a TURN server: the first one of the options. One in a file is read again, so
 * that it can be replaced while the server runs.
 */
export class TurnSecret {
  private readonly file?: string;
  private secret: string;
  private readAtMs = performance.now();
  private reading?: Promise<void>;

  /**
   * @param onFault called when the file cannot be read any more. The last secret stays in use.
   * @throws Error if there is no secret
   */
  constructor(
    { secret: [given], secretFile: [file] }: Pick<TurnOptions, 'secret' | 'secretFile'>,
    private readonly onFault: (reason: string) => void,
  ) {
    if (given !== undefined) this.secret = given;
    else if (file !== undefined) {
      this.file = file;
      this.secret = firstLine(readFileSync(file, 'utf8'));
    } else throw new Error('turn needs secret or secretFile');
  }

  async current(): Promise<string> {
    const { file } = this;
    if (file !== undefined && performance.now() - this.readAtMs >= REREAD_AFTER_MS) {
      this.reading ??= this.read(file).finally(() => (this.reading = undefined));
      await this.reading;
    }
    return this.secret;
  }

  private async read(file: string): Promise<void> {
    try {
      this.secret = firstLine(await readFile(file, 'utf8'));
    } catch (error) {
      this.onFault((error as Error).message);
    }
    this.readAtMs = performance.now();
  }
}

/** Further lines are older secrets, which the TURN server still accepts. */
function firstLine(text: string): string {
  const [line = ''] = text.trim().split(/\r?\n/, 1);
  if (line === '') throw new Error('the secretFile of turn is empty');
  return line;
}
