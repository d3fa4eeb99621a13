import type { Attributes } from '../../common/attributes.js';
import type { Room, RoomChange, RoomMember } from '../../common/room.js';
import type { EasyRtcFields } from './easyrtc.hooks.js';

/** What clients learn of fields: `{f: {"fieldName": f, "fieldValue"}, …}`. */
export type Fields = Readonly<Record<string, { readonly fieldName: string; readonly fieldValue: unknown }>>;

/** What clients learn of rooms, by their names. */
export type RoomData = Readonly<Record<string, object>>;

/** What is shown of clients of other protocols, which have no presence. */
const PRESENT = { show: 'chat', status: null };

/** The rooms that a client has just joined, with all who are in them. */
export function joined(rooms: readonly Room[]): RoomData {
  return byName(
    rooms.map(({ id, members, attributes }) => [
      id,
      {
        roomName: id,
        roomStatus: 'join',
        clientList: Object.fromEntries(members.map((member) => [member.id, entryOf(member)])),
        ...attributes,
      },
    ]),
  );
}

/** The rooms that a client has left, or that have ended. */
export function left(names: readonly string[]): RoomData {
  return byName(names.map((roomName) => [roomName, gone(roomName)]));
}

/** What the rooms show of a member now. */
export function updated(rooms: readonly Room[], clientId: string): RoomData {
  return byName(rooms.map((room) => [room.id, updateOf(room, clientId)]));
}

/** What a member has to hear of changes that belong together; empty if nothing. */
export function changed(changes: readonly RoomChange[], listener: string): RoomData {
  return byName(
    changes
      .filter((change) => isEndFor(change, listener) || change.client !== listener)
      .map((change) => [change.room.id, isEndFor(change, listener) ? gone(change.room.id) : changeOf(change)]),
  );
}

/** Whether a client is in a room no longer, though it has not left it by itself. */
export function isEndFor({ kind, client }: RoomChange, listener: string): boolean {
  return kind === 'ended' || (kind === 'left' && client === listener);
}

function gone(roomName: string): object {
  return { roomName, roomStatus: 'leave' };
}

/** What others learn of a client: its attributes, as `EasyRtcClient` sets them, with its id and when it joined. */
function entryOf({ id, joinedAt, attributes }: RoomMember): Attributes {
  return { easyrtcid: id, roomJoinTime: joinedAt, presence: PRESENT, ...attributes };
}

function changeOf({ kind, client, room }: RoomChange): object {
  if (client === undefined) return update(room, room.attributes ?? {});
  if (kind !== 'left') return updateOf(room, client);
  return update(room, { clientListDelta: { removeClient: byName([[client, { easyrtcid: client }]]) } });
}

function updateOf(room: Room, clientId: string): object {
  const member = room.members.find(({ id }) => id === clientId);
  const updateClient = byName(member ? [[clientId, entryOf(member)]] : []);
  return update(room, { clientListDelta: { updateClient } });
}

function update({ id }: Room, what: object): object {
  return { roomName: id, roomStatus: 'update', ...what };
}

/** What clients learn of fields; undefined if none of them is shared. */
export function sharedFields(fields: EasyRtcFields = {}): Fields | undefined {
  const shared = Object.entries(fields).filter(([, { fieldOption }]) => fieldOption?.isShared === true);
  if (shared.length === 0) return undefined;
  return byName(shared.map(([fieldName, { fieldValue }]) => [fieldName, { fieldName, fieldValue }]));
}

/** Safe for any name: `__proto__` becomes a property like others. */
function byName<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries);
}
