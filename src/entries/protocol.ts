// `signalbox/protocol`: everything that a protocol of an application's own is written with.
import 'reflect-metadata';
export { ProtocolModule, type ProtocolFeature } from '../protocols/protocol.module.js';
export { SignalboxGateway, type GatewayOptions } from '../transport/signalbox-gateway.js';
export { ProtocolAdmission } from '../protocols/protocol.admission.js';
export { DomainErrorFilter } from '../transport/endpoint/domain-error.filter.js';
export type { DecodedFrame } from '../transport/endpoint/endpoint-core.js';

// Over plain WebSocket
export { WebSocketClient, type WebSocketCodec, type WebSocketConnection } from '../protocols/websocket.client.js';
export { decodeJson } from '../transport/websocket/decode-json.js';
export { binaryFrame, type Frame, jsonFrame, textFrame } from '../transport/websocket/text-frame.js';

// Over socket.io
export { SocketIoClient, type SocketIoClientConnection, type SocketIoCodec } from '../protocols/socket-io.client.js';
export {
  emission,
  type Emission,
  type SocketIoArgument,
  type SocketIoMessage,
} from '../transport/socket-io/socket-io.messages.js';

// Clients, signals, rooms, errors
export type { Client } from '../clients/client.js';
export type { ClientConnection } from '../clients/client-connection.js';
export type { Memberships } from '../clients/memberships.js';
export {
  DomainError,
  type DomainErrorCode,
  type DomainErrorData,
  type DomainErrorTable,
  translate,
} from '../common/domain-error.js';
export type { EndReason, Goodbye } from '../common/end-reason.js';
export type { JsonFrame } from '../common/json-frame.js';
export type { Protocol } from '../common/protocols.js';
export { RawJson } from '../common/raw-json.js';
export type { Room, RoomChange, RoomMember } from '../common/room.js';
export type { Signal, SignalKind } from '../common/signal.js';
export { IdGenerator } from '../protocols/id-generator.js';
export { ClientRooms } from '../rooms/client-rooms.js';
export type { PermittedEntry } from '../rooms/room-permits.js';
export { SignalSender } from '../signaling/signal-sender.js';
