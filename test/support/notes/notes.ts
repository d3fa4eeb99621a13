import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { IsInt, IsString } from 'class-validator';
import {
  ClientRooms,
  DomainError,
  type RawJson,
  type Signal,
  SignalSender,
  type SocketIoClient,
  type WebSocketClient,
} from 'signalbox/protocol';

type NotesClient = WebSocketClient | SocketIoClient;

export class SayRequest {
  @IsString()
  readonly to!: string;

  /** The JSON text of `note`. */
  readonly payload?: RawJson;
}

export class RoomRequest {
  @IsString()
  readonly room!: string;

  readonly payload?: RawJson;
}

export class SlowRequest {
  @IsInt()
  readonly ms!: number;

  readonly payload?: RawJson;
}

/** A message without members. */
export class NothingRequest {}

/** Returns the client's name: the word that it has sent for its authentication, which must begin with a letter. */
export function nameOf(word: unknown): string {
  if (typeof word !== 'string' || !/^[a-z]/.test(word)) throw new DomainError('NOT_AUTHORIZED', {});
  return word;
}

export const isNote = ({ kind }: Signal): boolean => kind === 'message';

/** The handlers of a protocol of notes between clients and in rooms. Both its transports inherit them. */
@Injectable()
export abstract class NotesGateway {
  constructor(
    private readonly signaling: SignalSender,
    private readonly rooms: ClientRooms,
  ) {}

  @SubscribeMessage('say')
  async say(@ConnectedSocket() client: NotesClient, @MessageBody() { to, payload }: SayRequest): Promise<object> {
    await this.signaling.send(client, to, { kind: 'message', from: client.id, payload });
    return { done: 'say' };
  }

  @SubscribeMessage('join')
  async join(@ConnectedSocket() client: NotesClient, @MessageBody() { room }: RoomRequest): Promise<object> {
    await this.rooms.enter(client, [{ id: room }]);
    return { done: 'join' };
  }

  @SubscribeMessage('tell')
  async tell(@ConnectedSocket() client: NotesClient, @MessageBody() { room, payload }: RoomRequest): Promise<object> {
    await this.signaling.sendToRoom(client, room, { kind: 'message', from: client.id, payload });
    return { done: 'tell' };
  }

  /** Answers late, with the bytes that have arrived before. */
  @SubscribeMessage('slow')
  async slow(@ConnectedSocket() _client: NotesClient, @MessageBody() { ms, payload }: SlowRequest): Promise<object> {
    await sleep(ms);
    return { done: 'slow', note: payload?.parse() };
  }

  @SubscribeMessage('ping')
  ping(@ConnectedSocket() _client: NotesClient, @MessageBody() _request: NothingRequest): object {
    return { done: 'ping' };
  }

  @SubscribeMessage('crash')
  crash(@ConnectedSocket() _client: NotesClient, @MessageBody() _request: NothingRequest): void {
    throw new Error('a secret of the server');
  }
}
