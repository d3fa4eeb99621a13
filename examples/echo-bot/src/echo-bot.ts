import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { type ReceivedSignal, SignalingService, type VirtualClient } from 'signalbox';

/** A client named `echo` that returns every message, and answers every offer with a refusal. */
@Injectable()
export class EchoBot implements OnApplicationBootstrap {
  private readonly log = new Logger(EchoBot.name);
  private client?: VirtualClient;

  constructor(private readonly signaling: SignalingService) {}

  /** Joins the room `lobby`. The bot ends by itself with the shutdown of the server. */
  async onApplicationBootstrap(): Promise<void> {
    this.client = await this.signaling.addVirtualClient({
      realm: 'default',
      id: 'echo',
      onSignal: (signal) => this.answer(signal),
      onRoomChange: ({ kind, client, room }) => this.log.log(`${client ?? 'all'} ${kind} ${room.id}`),
      onEnd: (reason) => this.log.log(`ended: ${reason}`),
    });
    await this.client.join('lobby', { create: true });
  }

  /** A message to a room is returned to the room, any other one to its sender. */
  private async answer({ kind, from, room, type, payload }: ReceivedSignal): Promise<void> {
    // The server itself waits for no answer.
    if (from === '') return;
    if (kind === 'offer') await this.client?.send({ kind: 'reject', to: from });
    if (kind !== 'message') return;
    await this.client?.send({ kind, type, payload, ...(room === undefined ? { to: from } : { room }) });
  }
}
