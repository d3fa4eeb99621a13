import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import type { KeptClient } from './lifecycle/connections.js';
import type { SocketIoAdmission, SocketIoDecoder } from './socket-io/socket-io.endpoint.js';
import type { EndpointClient, FrameDecoder, WebSocketAdmission } from './websocket/endpoint.js';

const GATEWAY = 'signalbox:gateway';

/** The parts of a protocol over plain WebSocket. The endpoint passes its own classes of clients and connections. */
interface WebSocketParts {
  readonly over?: 'websocket';
  /** A provider that reads the frames of clients. */
  readonly codec: Type<FrameDecoder>;
  /** A provider that decides which connections become clients. */
  readonly admission: Type<WebSocketAdmission<EndpointClient>>;
}

/** The parts of a protocol over socket.io, by polling and WebSocket. */
interface SocketIoParts {
  readonly over: 'socket.io';
  /** A provider that reads the messages of clients. */
  readonly codec: Type<SocketIoDecoder<KeptClient>>;
  /** A provider that decides which connections become clients. */
  readonly admission: Type<SocketIoAdmission<KeptClient>>;
}

/** The name of a protocol, and the providers that it consists of beside its gateway and filter. */
export type GatewayOptions = {
  /** The protocol's name in the directory, in logs, in metrics and in the admin API. */
  readonly protocol: string;
} & (WebSocketParts | SocketIoParts);

/**
 * Marks the gateway of a protocol that the server speaks. Clients connect at the path of the admission.
 *
 * The endpoint calls the `@SubscribeMessage` methods with the client and the validated body, and sends what they return
 * or resolve to. The filter of `@UseFilters` answers errors. Guards, pipes and interceptors are refused at the start.
 */
export function SignalboxGateway(options: GatewayOptions): ClassDecorator {
  return (gateway) => {
    Reflect.defineMetadata(GATEWAY, options, gateway);
    // Nest shares one server among the gateways of one path. The name as the path gives each protocol an endpoint of
    // its own.
    WebSocketGateway({ path: options.protocol, gateway })(gateway);
  };
}

/** Whether a class is marked with `@SignalboxGateway`. */
export function isSignalboxGateway(gateway: object): boolean {
  return Reflect.hasMetadata(GATEWAY, gateway);
}

/**
 * Returns the options of a gateway class.
 * @throws Error for a class that is not marked with `@SignalboxGateway`
 */
export function gatewayOptionsOf(gateway: { readonly name: string }): GatewayOptions {
  const options = Reflect.getMetadata(GATEWAY, gateway) as GatewayOptions | undefined;
  if (!options) throw new Error(`${gateway.name} is not marked with @SignalboxGateway`);
  return options;
}
