// The public API of the package; nothing else of it is.
export { ClientDirectory, type ClientEntry, type ClientQuery } from './clients/client-directory.js';
export { Client } from './clients/client.js';
export { ClientsService } from './clients/clients.service.js';
export { DomainError, type DomainErrorCode, type DomainErrorData } from './common/domain-error.js';
export type { EndReason, Goodbye } from './common/end-reason.js';
export { IdGenerator } from './common/ids.js';
export type { Page } from './common/page.js';
export { RawJson } from './common/raw-json.js';
export type { Room, RoomChange, RoomMember } from './common/room.js';
export type { Signal, SignalKind } from './common/signal.js';
export { Config } from './config/config.js';
export { configureApp, createApp, listen } from './configure-app.js';
export type { Extension } from './extensions.module.js';
export { RoomStore, type RoomQuery } from './rooms/room-store.js';
export { RoomsService } from './rooms/rooms.service.js';
export { SignalboxModule } from './signalbox.module.js';
export { SignalingService } from './signaling/signaling.service.js';
