// `signalbox`: the module and its services. With the entries in `entries/` it is the public API; everything else is
// internal.
import 'reflect-metadata';
export { ClientDirectory, type Claim, type ClientEntry, type ClientQuery } from './clients/client-directory.js';
export type { ClientView } from './clients/client-view.js';
export type { EventPattern } from './common/event-types.js';
export type { Attributes } from './common/attributes.js';
export type { ClientStatus } from './clients/client-status.js';
export { ClientsService, type ClientDetails } from './clients/clients.service.js';
export { ClusterEvents } from './events/cluster-events.js';
export type { ServerEventListener } from './events/event-listeners.js';
export type {
  ClientConnected,
  ClientDisconnected,
  ClientEventData,
  ClientRefused,
  DisconnectReason,
  EventHead,
  EventOf,
  EventTypeOf,
  LeaveReason,
  MemberEventData,
  NodeJoined,
  NodeLeft,
  RoomCreated,
  RoomEnded,
  RoomEndReason,
  RoomJoined,
  RoomLeft,
  ServerEvent,
  ServerEventMap,
  ServerEventType,
  SignalRelayed,
} from './events/server-event.js';
export { OnServerEvent } from './events/on-server-event.js';
export { ServerEvents } from './events/server-events.js';
export type { Traffic } from './common/traffic.js';
export {
  DomainError,
  isDomainError,
  type DomainErrorCode,
  type DomainErrorData,
  type NoData,
} from './common/domain-error.js';
export type { EndReason, Goodbye } from './common/end-reason.js';
export type { ConnectAttempt, Identity, RoomPatterns, SignalScope } from './common/identity.js';
export { AccessHooks } from './identity/access-hooks.js';
export { canActivate, type GuardedRequest, type GuardHook } from './identity/guard-hook.js';
export { ConfiguredIce } from './ice/configured-ice.js';
export { IceProvider, type IceConfig, type IceRequest } from './ice/ice-provider.js';
export { IdGenerator } from './protocols/id-generator.js';
export type { Page } from './common/page.js';
export { RawJson } from './common/raw-json.js';
export type { Room, RoomChange, RoomMember } from './common/room.js';
export type { RoomSignal, Signal, SignalKind } from './common/signal.js';
export { Config } from './config/config.js';
export type { Given, GivenMember } from './config/members.js';
export type { AuthMode, AuthOptions, JwtOptions, WebhookOptions } from './config/sections/auth.options.js';
export type {
  ConfiguredIceServer,
  IceHttpOptions,
  IceOptions,
  IceServer,
  TurnOptions,
} from './config/sections/ice.options.js';
export type { RealmLimits, RealmOptions, RoomRules } from './config/sections/realm.options.js';
export { ConfigError, loadConfig, type ConfigSources, type LoadedConfig } from './config/load-config.js';
export type { OptionsClass } from './config/option.js';
export { configureApp, type ConfigureOptions } from './configure-app.js';
export { createApp } from './create-app.js';
export type { Extension } from './extensions.module.js';
export {
  EasyRtcHooks,
  type EasyRtcField,
  type EasyRtcFields,
  type EasyRtcIdentity,
  type EasyRtcLoginAttempt,
  type EasyRtcPeer,
  type EasyRtcServerMessage,
} from './protocols/easyrtc/easyrtc.hooks.js';
export { listen } from './listen.js';
export { SignalboxHealthIndicator, type SignalboxHealth, type Status } from './nodes/health-indicator.js';
export { EasyRtcService } from './protocols/easyrtc/easyrtc.service.js';
export {
  RoomStore,
  type Entered,
  type NewRoom,
  type RoomBounds,
  type RoomEntry,
  type RoomQuery,
} from './rooms/room-store.js';
export { RoomsService } from './rooms/rooms.service.js';
export { SignalboxModule } from './signalbox.module.js';
export type {
  ProtocolList,
  ProtocolName,
  ProtocolSwitches,
  SignalboxAsyncOptions,
  SignalboxOptions,
  SignalboxOptionsFactory,
  SignalboxStructure,
} from './signalbox-options.js';
export { SignalingService } from './signaling/signaling.service.js';
export type {
  ReceivedSignal,
  SentKind,
  SentSignal,
  VirtualClient,
  VirtualClientListener,
  VirtualClientOptions,
} from './signaling/virtual/virtual-client.js';
export { HttpAdapter } from './transport/http/http.adapter.js';
export type { GatewayAdapter } from './transport/signalbox-ws.adapter.js';
