import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import {
  ClientRooms,
  DomainErrorFilter,
  type Frame,
  SignalboxGateway,
  SignalSender,
  textFrame,
  type WebSocketClient,
  type WebSocketConnection,
} from 'signalbox/protocol';
import { YWebrtcAdmission } from './y-webrtc.admission.js';
import { YWebrtcCodec } from './y-webrtc.codec.js';
import { PingRequest, PublishRequest, TopicsRequest, Y_WEBRTC, YType } from './y-webrtc.messages.js';

/** y-webrtc has no message for errors. The base class has counted them, and logged those of the server. */
export class YWebrtcFilter extends DomainErrorFilter<WebSocketConnection> {
  protected override answer(): void {
    // Clients get no answer.
  }
}

/** The signaling protocol of npm `y-webrtc`: clients publish messages to all subscribers of a topic. A topic is a room. */
@SignalboxGateway({ protocol: Y_WEBRTC, codec: YWebrtcCodec, admission: YWebrtcAdmission })
@UseFilters(YWebrtcFilter)
export class YWebrtcGateway {
  constructor(
    private readonly codec: YWebrtcCodec,
    private readonly rooms: ClientRooms,
    private readonly signaling: SignalSender,
  ) {}

  @SubscribeMessage(YType.Subscribe)
  async subscribe(@ConnectedSocket() client: WebSocketClient, @MessageBody() { topics }: TopicsRequest): Promise<void> {
    const added = [...new Set(topics)].filter((topic) => !client.rooms.has(topic));
    if (added.length > 0)
      await this.rooms.enter(
        client,
        added.map((id) => ({ id })),
      );
  }

  @SubscribeMessage(YType.Unsubscribe)
  async unsubscribe(
    @ConnectedSocket() client: WebSocketClient,
    @MessageBody() { topics }: TopicsRequest,
  ): Promise<void> {
    for (const topic of topics) if (client.rooms.has(topic)) await this.rooms.leave(client, topic);
  }

  /** The publisher gets its own message, too. */
  @SubscribeMessage(YType.Publish)
  async publish(
    @ConnectedSocket() client: WebSocketClient,
    @MessageBody() { topic, frame }: PublishRequest,
  ): Promise<Frame> {
    const clients = this.rooms.findJoined(client, topic)?.members.length ?? 0;
    const payload = this.codec.withClients(frame, clients);
    await this.signaling.sendToRoom(client, topic, { kind: 'message', from: client.id, payload });
    return textFrame('', payload.bytes);
  }

  @SubscribeMessage(YType.Ping)
  ping(@ConnectedSocket() _client: WebSocketClient, @MessageBody() _request: PingRequest): object {
    return { type: 'pong' };
  }
}
