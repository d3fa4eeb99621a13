import { IsString } from 'class-validator';
import { type Frame, textFrame } from '../../../src/transport/websocket/text-frame.js';

export const ECHO = 'echo';

/** Any text. */
export class EchoRequest {
  @IsString()
  readonly text!: string;
}

export function echoFrame(text: string): Frame {
  return textFrame(text);
}
