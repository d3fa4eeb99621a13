// The entry `signalbox/backplane`: the ports that a backplane implements, and what their implementations need.
export { decodeMessage, decodeSignal, encodeMessage, encodeSignal } from '../common/message-codec.js';
export { type Block, BlockStore, type NewBlock } from '../blocks/block-store.js';
export {
  type Claim,
  ClientDirectory,
  type ClientEntry,
  type ClientQuery,
  FORMER_ID_MS,
  MAX_FORMER_IDS,
  type OwnClaim,
  type Restored,
  type Session,
} from '../clients/client-directory.js';
export { clientFilter, type ClientFilters } from '../clients/client-filter.js';
export type { Attributes } from '../common/attributes.js';
export { Backplane, type Loss, type LostClient, type LostMembership } from '../common/backplane.js';
export { DomainError, type DomainErrorCode, type DomainErrorData } from '../common/domain-error.js';
export { groupRoom, isGroupRoom } from '../common/group.js';
export type { UserView } from '../common/identity.js';
export { type BusMessage, type BusMessageOf, type BusMessageType, MessageBus } from '../common/message-bus.js';
export { NodeIdentity } from '../common/node-identity.js';
export type { Page, PageQuery, RealmCount } from '../common/page.js';
export { RawJson } from '../common/raw-json.js';
export type { Room, RoomChange, RoomListener, RoomMember } from '../common/room.js';
export { detached, type RoomSignal, type Signal, type SignalKind } from '../common/signal.js';
export { Config } from '../config/config.js';
export { type ClaimedReader, EventCursors, KEPT_MS } from '../events/event-cursors.js';
export {
  DEFAULT_RETENTION,
  EventJournal,
  type Following,
  type JournalEntry,
  type JournalListener,
  type JournalPage,
  type Retention,
} from '../events/event-journal.js';
export { JournalFollowers } from '../events/journal-followers.js';
export type { ServerEvent, ServerEventMap, ServerEventType } from '../events/server-event.js';
export type { LimitOptions } from '../config/sections/limit.options.js';
export type { QueueOptions } from '../config/sections/queue.options.js';
export {
  type AddressBound,
  type Entered,
  type IsMember,
  type NewRoom,
  type RoomBounds,
  type RoomEntry,
  type RoomQuery,
  RoomStore,
} from '../rooms/room-store.js';
export {
  type ExpiredPair,
  OfflineQueue,
  queuedBytes,
  type QueueLimit,
  queueLimits,
  type WaitingSignal,
} from '../signaling/offline-queue.js';
