import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FORMER_ID_MS, MAX_FORMER_IDS } from '../../clients/client-directory.js';
import { BUCKETS, type KeyGroup, luaKeys } from './keys.js';

/** Numbers that Lua shares with TypeScript. */
const CONSTANTS = {
  FORMER_ID_MS,
  /** In each bucket. */
  MAX_FORMER_IDS: MAX_FORMER_IDS / BUCKETS,
  BUCKETS,
  /** November 2023, in seconds since 1970. */
  EPOCH_S: 1_700_000_000,
  /** Shortest time between two marks of the journal: events are kept longer than they should be by so much. */
  MARK_MS: 60_000,
};

export interface ScriptSource {
  /** The keys that the script may use. */
  readonly keys: KeyGroup;
  /**
   * Files below lua/, without `.lua`: the libraries that the script needs, each behind those that it needs itself, and
   * the script.
   */
  readonly files: readonly string[];
}

const clients = (file: string): ScriptSource => ({ keys: 'clients', files: ['lib/clock', 'lib/clients', file] });
const users = (...files: string[]): ScriptSource => ({ keys: 'users', files });
const nodes = (file: string): ScriptSource => ({ keys: 'nodes', files: ['lib/clock', file] });
const queue = (file: string): ScriptSource => ({ keys: 'queue', files: ['lib/clock', 'lib/queue', file] });
const events = (file: string): ScriptSource => ({ keys: 'events', files: ['lib/clock', file] });
const readers = (file: string): ScriptSource => ({ keys: 'readers', files: [file] });
const blocks = (file: string): ScriptSource => ({ keys: 'blocks', files: ['lib/clock', 'lib/blocks', file] });
const rooms = (...files: string[]): ScriptSource => ({ keys: 'rooms', files: ['lib/rooms', ...files] });
const roomChanges = (...files: string[]): ScriptSource => rooms('lib/room-changes', ...files);

/** The scripts by the names under which `RedisConnection.run` runs them. */
export const SCRIPT_SOURCES = {
  claimId: clients('clients/claim-id'),
  releaseId: clients('clients/release-id'),
  releaseIdsOf: clients('clients/release-ids-of'),
  updateEntry: clients('clients/update-entry'),
  takePlace: users('users/take-place'),
  freePlace: users('lib/users', 'users/free-place'),
  freePlacesOf: users('lib/users', 'users/free-places-of'),
  createRoom: roomChanges('lib/room-bounds', 'rooms/create-room'),
  joinRoom: roomChanges('rooms/join-room'),
  enterRooms: roomChanges('lib/room-bounds', 'rooms/enter-rooms'),
  setMemberAttributes: roomChanges('rooms/set-member-attributes'),
  setRoomAttributes: roomChanges('rooms/set-room-attributes'),
  leaveRoom: roomChanges('rooms/leave-room'),
  endRoom: roomChanges('rooms/end-room'),
  moveMember: roomChanges('rooms/move-member'),
  restoreRoom: roomChanges('rooms/restore-room'),
  inspectRoom: roomChanges('rooms/inspect-room'),
  openChanges: rooms('rooms/open-changes'),
  findRooms: rooms('rooms/find-rooms'),
  findExistingRooms: rooms('rooms/find-existing-rooms'),
  removeMembersOf: roomChanges('rooms/remove-members-of'),
  deleteRooms: roomChanges('rooms/delete-rooms'),
  enqueueSignal: queue('queue/enqueue-signal'),
  takeSignals: queue('queue/take-signals'),
  expireSignals: queue('queue/expire-signals'),
  appendEvents: events('events/append-events'),
  registerNode: nodes('nodes/register-node'),
  heartbeat: nodes('nodes/heartbeat'),
  acquireLeases: nodes('nodes/acquire-leases'),
  renewLease: nodes('nodes/renew-lease'),
  forgetDeadNode: nodes('nodes/forget-dead-node'),
  unregisterNode: nodes('nodes/unregister-node'),
  claimReader: readers('readers/claim-reader'),
  saveReader: readers('readers/save-reader'),
  releaseReader: readers('readers/release-reader'),
  putBlock: blocks('blocks/put-block'),
  removeBlock: blocks('blocks/remove-block'),
  listBlocks: blocks('blocks/list-blocks'),
} satisfies Record<string, ScriptSource>;

export type ScriptName = keyof typeof SCRIPT_SOURCES;

/** A script as ioredis takes it. */
export interface Script {
  readonly lua: string;
  readonly numberOfKeys: 1;
}

/**
 * Reads the scripts from their files.
 * Each runs atomically in Redis, on keys of one group. None decodes what clients send: to Redis it is bytes.
 */
export function loadScripts(): Record<ScriptName, Script> {
  const constants = Object.entries(CONSTANTS).map(([name, value]) => `local ${name} = ${value}`);
  const scripts = Object.entries(SCRIPT_SOURCES).map(([name, { keys, files }]) => {
    const lua = [...constants, luaKeys(keys), ...files.map(sourceOf)].join('\n');
    return [name, { lua, numberOfKeys: 1 }];
  });
  return Object.fromEntries(scripts) as Record<ScriptName, Script>;
}

function sourceOf(file: string): string {
  return readFileSync(join(import.meta.dirname, 'lua', `${file}.lua`), 'utf8');
}
