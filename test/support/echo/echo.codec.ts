import { Injectable } from '@nestjs/common';
import {
  type DecodedFrame,
  DomainError,
  type Frame,
  type Signal,
  textFrame,
  type WebSocketCodec,
} from 'signalbox/protocol';
import { ECHO } from './echo.messages.js';

@Injectable()
export class EchoCodec implements WebSocketCodec {
  readonly name = ECHO;

  decode(bytes: Buffer, isBinary: boolean): DecodedFrame {
    if (isBinary) throw new DomainError('INVALID_MESSAGE', { reason: 'Messages must be text frames.' });
    return { event: ECHO, body: { text: bytes.toString() } };
  }

  accepts({ kind }: Signal): boolean {
    return kind === 'message';
  }

  encodeSignal({ payload }: Signal): Frame {
    return textFrame(payload?.toString() ?? '');
  }
}
