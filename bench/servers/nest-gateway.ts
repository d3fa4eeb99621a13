// A relay written like the gateways in the NestJS documentation: WsAdapter, ValidationPipe, and DTOs with class-validator.
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Module, UsePipes, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { IsNotEmpty, IsObject, IsString } from 'class-validator';
import { WebSocket } from 'ws';

class RelayDto {
  @IsString()
  @IsNotEmpty()
  to!: string;

  @IsObject()
  payload!: object;
}

@UsePipes(new ValidationPipe())
@WebSocketGateway()
class RelayGateway implements OnGatewayConnection<WebSocket>, OnGatewayDisconnect<WebSocket> {
  private readonly sockets = new Map<string, WebSocket>();
  private readonly ids = new WeakMap<WebSocket, string>();

  handleConnection(socket: WebSocket): void {
    const id = randomUUID();
    this.sockets.set(id, socket);
    this.ids.set(socket, id);
    socket.send(JSON.stringify({ event: 'details', data: { id } }));
  }

  handleDisconnect(socket: WebSocket): void {
    this.sockets.delete(this.ids.get(socket) ?? '');
  }

  @SubscribeMessage('offer')
  offer(@ConnectedSocket() socket: WebSocket, @MessageBody() message: RelayDto): void {
    this.relay('offer', socket, message);
  }

  @SubscribeMessage('candidate')
  candidate(@ConnectedSocket() socket: WebSocket, @MessageBody() message: RelayDto): void {
    this.relay('candidate', socket, message);
  }

  private relay(event: string, sender: WebSocket, { to, payload }: RelayDto): void {
    const from = this.ids.get(sender);
    this.sockets.get(to)?.send(JSON.stringify({ event, data: { from, payload } }));
  }
}

@Module({ providers: [RelayGateway] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false });
app.useWebSocketAdapter(new WsAdapter(app));
await app.listen(Number(process.env.PORT), '127.0.0.1');
