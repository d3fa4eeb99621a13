import type { IncomingMessage } from 'node:http';
import { Injectable, UseFilters } from '@nestjs/common';
import {
  type DecodedFrame,
  decodeJson,
  type DomainError,
  DomainErrorFilter,
  type Frame,
  jsonFrame,
  ProtocolAdmission,
  type RoomChange,
  type Signal,
  SignalboxGateway,
  textFrame,
  WebSocketClient,
  type WebSocketCodec,
  type WebSocketConnection,
} from 'signalbox/protocol';
import { isNote, nameOf, NotesGateway } from './notes.js';

/** Frames are JSON objects: `{"event": …, "note": …}`. */
@Injectable()
export class FrameCodec implements WebSocketCodec {
  readonly name = 'notes';
  readonly accepts = isNote;

  decode(bytes: Buffer, isBinary: boolean): DecodedFrame {
    const frame = decodeJson(bytes, isBinary);
    return { event: frame.text('event'), body: { ...frame.value, payload: frame.raw('note') } };
  }

  encodeSignal({ from, payload }: Signal): Frame {
    return payload
      ? textFrame(`{"from":${JSON.stringify(from)},"note":`, payload.bytes, '}')
      : jsonFrame({ from, note: null });
  }

  encodeRoomChange({ kind, room }: RoomChange): Frame {
    return jsonFrame({ room: room.id, kind, members: room.members.length });
  }
}

/** Clients send their names in the query string. */
@Injectable()
export class FrameAdmission extends ProtocolAdmission<WebSocketClient, WebSocketConnection> {
  readonly path = '/notes';

  constructor(private readonly codec: FrameCodec) {
    super();
  }

  protected create(connection: WebSocketConnection, { url = '' }: IncomingMessage): WebSocketClient {
    const word = new URL(url, 'http://localhost').searchParams.get('word');
    return new WebSocketClient(nameOf(word), 'default', this.codec, connection);
  }

  protected override greet(client: WebSocketClient): void {
    client.send(jsonFrame({ welcome: client.id }));
  }
}

export class FrameFilter extends DomainErrorFilter<WebSocketConnection> {
  protected override answer(connection: WebSocketConnection, { code }: DomainError): void {
    connection.write(jsonFrame({ error: code }));
  }
}

@SignalboxGateway({ protocol: 'notes', codec: FrameCodec, admission: FrameAdmission })
@UseFilters(FrameFilter)
export class WebSocketNotes extends NotesGateway {}
