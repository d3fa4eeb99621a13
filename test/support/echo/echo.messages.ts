import { IsString } from 'class-validator';

/** The protocol's name, and the event of all its frames. */
export const ECHO = 'echo';

/** Any text. */
export class EchoRequest {
  @IsString()
  readonly text!: string;
}
