import { Injectable } from '@nestjs/common';
import {
  type DecodedFrame,
  decodeJson,
  type Frame,
  RawJson,
  type Signal,
  textFrame,
  type WebSocketCodec,
} from 'signalbox/protocol';
import { Y_WEBRTC } from './y-webrtc.messages.js';

const CLOSE_BRACE = '}';

/** Translates between the frames of y-webrtc and signals. The payload of a signal is a whole frame. */
@Injectable()
export class YWebrtcCodec implements WebSocketCodec {
  readonly name = Y_WEBRTC;

  decode(bytes: Buffer, isBinary: boolean): DecodedFrame {
    const frame = decodeJson(bytes, isBinary);
    return { event: frame.text('type'), body: { ...frame.value, frame: new RawJson(bytes) } };
  }

  accepts({ kind }: Signal): boolean {
    return kind === 'message';
  }

  encodeSignal({ payload }: Signal): Frame {
    return payload ? textFrame('', payload.bytes) : textFrame('{}');
  }

  /** Returns a published frame as subscribers get it: with their number, which overrides a number of the sender. */
  withClients({ bytes }: RawJson, clients: number): RawJson {
    const end = bytes.lastIndexOf(CLOSE_BRACE);
    return new RawJson(Buffer.concat([bytes.subarray(0, end), Buffer.from(`,"clients":${clients}}`)]));
  }
}
