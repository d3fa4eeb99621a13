import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../src/common/domain-error.js';
import type { Protocol } from '../../../src/common/protocols.js';
import type { Signal } from '../../../src/common/signal.js';
import type { DecodedFrame } from '../../../src/transport/endpoint/endpoint-core.js';
import type { Frame } from '../../../src/transport/websocket/text-frame.js';
import { ECHO, echoFrame } from './echo.messages.js';

@Injectable()
export class EchoCodec implements Protocol {
  readonly name = ECHO;

  decode(bytes: Buffer, isBinary: boolean): DecodedFrame {
    if (isBinary) throw new DomainError('INVALID_MESSAGE', { reason: 'Messages must be text frames.' });
    return { event: ECHO, body: { text: bytes.toString() } };
  }

  accepts({ kind }: Signal): boolean {
    return kind === 'message';
  }

  encodeSignal({ payload }: Signal): Frame {
    return echoFrame(payload?.toString() ?? '');
  }
}
