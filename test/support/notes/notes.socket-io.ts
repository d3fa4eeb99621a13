import type { IncomingMessage } from 'node:http';
import { Injectable, UseFilters } from '@nestjs/common';
import {
  type DecodedFrame,
  type DomainError,
  DomainErrorFilter,
  type Emission,
  emission,
  ProtocolAdmission,
  type RoomChange,
  type Signal,
  SignalboxGateway,
  SocketIoClient,
  type SocketIoClientConnection,
  type SocketIoCodec,
  type SocketIoMessage,
} from 'signalbox/protocol';
import { isNote, nameOf, NotesGateway } from './notes.js';

/** The events of socket.io are those of the gateway, and their first arguments the bodies. */
@Injectable()
export class EventCodec implements SocketIoCodec {
  readonly name = 'notes-io';
  readonly accepts = isNote;

  decode({ name, body, frame }: SocketIoMessage): DecodedFrame {
    return { event: name, body: frame ? { ...frame.value, payload: frame.raw('note') } : body };
  }

  encodeSignal({ from, payload }: Signal): Emission {
    return { name: 'note', head: `{"from":${JSON.stringify(from)},"note":${payload?.toString() ?? 'null'}}` };
  }

  encodeRoomChange({ kind, room }: RoomChange): Emission {
    return emission('room', { room: room.id, kind, members: room.members.length });
  }
}

/** Clients send their names in `auth`. */
@Injectable()
export class EventAdmission extends ProtocolAdmission<SocketIoClient, SocketIoClientConnection> {
  readonly path = '/notes.io';

  constructor(private readonly codec: EventCodec) {
    super();
  }

  protected create(connection: SocketIoClientConnection, _request: IncomingMessage, auth: unknown): SocketIoClient {
    const { word } = (auth ?? {}) as { readonly word?: unknown };
    return new SocketIoClient(nameOf(word), 'default', this.codec, connection);
  }

  protected override greet(client: SocketIoClient): void {
    client.emit('welcome', { welcome: client.id });
  }
}

export class EventFilter extends DomainErrorFilter<SocketIoClientConnection, SocketIoMessage | undefined> {
  protected override answer(
    connection: SocketIoClientConnection,
    { code }: DomainError,
    message: SocketIoMessage | undefined,
  ): void {
    const error = { error: code };
    if (message?.asksForAnswer) message.answer(error);
    else connection.emit('failed', emission('failed', error));
  }
}

@SignalboxGateway({ protocol: 'notes-io', over: 'socket.io', codec: EventCodec, admission: EventAdmission })
@UseFilters(EventFilter)
export class SocketIoNotes extends NotesGateway {}
