import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer, ServerOptions as HttpsOptions } from 'node:https';
import type { CorsOptions } from 'cors';
import type { Express } from 'express';
import type { ServerOptions as WebSocketServerOptions, WebSocket, WebSocketServer } from 'ws';
import type { Config } from '../config/config.js';

/** The options of npm `peer` 1.0.2, with its defaults. */
export interface IConfig {
  /** Address to listen on. Default: `::`. `ExpressPeerServer` ignores it. */
  readonly host: string;
  /** Port to listen on. Default: 9000. `ExpressPeerServer` ignores it. */
  readonly port: number;
  /** Milliseconds before a message to an absent client expires. Default: 5000. */
  readonly expire_timeout: number;
  /** Milliseconds without a sign of life after which a client is disconnected. Default: 90000. */
  readonly alive_timeout: number;
  /** Key that clients must send. Default: `peerjs`. */
  readonly key: string;
  /** Path of the endpoints, below the path at which an Express program mounts them. Default: `/`. */
  readonly path: string;
  /** Maximum number of clients. Default: 5000. */
  readonly concurrent_limit: number;
  /** Whether clients may list all ids. Default: false. */
  readonly allow_discovery: boolean;
  /** Whether all proxies are trusted, or addresses and subnets of the trusted ones. Default: false. */
  readonly proxied: boolean | string;
  /** Milliseconds between two searches for expired messages. Default: 1000. */
  readonly cleanup_out_msgs: number;
  /** Options of `https.createServer`, such as `key`, `cert` and `SNICallback`. `ExpressPeerServer` ignores them. */
  readonly ssl?: HttpsOptions;
  /** Generates the ids that clients request. Default: UUIDs. */
  readonly generateClientId?: () => string;
  /**
   * Creates the server of ws 8 that does the handshakes of WebSockets. It must listen to the HTTP server that it gets.
   * Default: a server without hooks.
   */
  readonly createWebSocketServer?: (options: WebSocketServerOptions) => WebSocketServer;
  /** Which pages may read HTTP responses, as options of npm `cors`. Default: all. */
  readonly corsOptions: CorsOptions;
}

/** The options of Signalbox that a program may add to those of `peer`. */
export type AddedOptions = Omit<Config, keyof IConfig | 'sslkey' | 'sslcert' | 'basePath'>;

/** The options of `PeerServer` and `ExpressPeerServer`. Names that neither `peer` nor Signalbox knows are ignored, as `peer` does. */
export type PeerServerOptions = Partial<IConfig> & Partial<AddedOptions>;

/** The values of `type` in messages. */
export enum MessageType {
  OPEN = 'OPEN',
  LEAVE = 'LEAVE',
  CANDIDATE = 'CANDIDATE',
  OFFER = 'OFFER',
  ANSWER = 'ANSWER',
  EXPIRE = 'EXPIRE',
  HEARTBEAT = 'HEARTBEAT',
  ID_TAKEN = 'ID-TAKEN',
  ERROR = 'ERROR',
}

/** A message of a client. */
export interface IMessage {
  readonly type: MessageType;
  /** Id of the sender. */
  readonly src: string;
  /** Id of the recipient. */
  readonly dst: string;
  readonly payload?: string | undefined;
}

/** A connected client. */
export interface IClient {
  getId(): string;
  getToken(): string;
  /** Returns the client's WebSocket. */
  getSocket(): WebSocket | null;
  /** Replaces the socket that `getSocket` returns and `send` writes to. The server itself goes on with its own. */
  setSocket(socket: WebSocket | null): void;
  /** Returns the time of the client's last message, in milliseconds since 1970. */
  getLastPing(): number;
  /** Replaces the time that `getLastPing` returns. It does not keep the client connected. */
  setLastPing(lastPing: number): void;
  /** Sends a value as JSON. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- programs may name the type
  send<T>(data: T): void;
}

/** The events of a server. */
export interface PeerServerEvents {
  /** A client has connected, or has taken over its own former connection; or it has gone. */
  on(event: 'connection' | 'disconnect', listener: (client: IClient) => void): this;
  /** A client has sent a message. What listeners change in the message is relayed. */
  on(event: 'message', listener: (client: IClient, message: IMessage) => void): this;
  /** The HTTP server has failed, a client has broken the protocol, or a listener of another event has thrown. */
  on(event: 'error', listener: (error: Error) => void): this;
}

/** What `PeerServer` and `ExpressPeerServer` return: an Express application that emits the events of the server. */
export type PeerServerApp = Express & PeerServerEvents;

/** The HTTP server of a program. */
export type PeerHttpServer = HttpServer | HttpsServer;
