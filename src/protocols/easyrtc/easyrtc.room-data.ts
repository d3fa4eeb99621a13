import type { Room, RoomChange, RoomMember } from '../../common/room.js';
import type { EasyRtcFields } from './easyrtc.hooks.js';

/** Fields as clients see them: `{f: {"fieldName": f, "fieldValue"}, …}`. */
export type Fields = Readonly<Record<string, { readonly fieldName: string; readonly fieldValue: unknown }>>;

/** A status that was never set is null. */
export interface Presence {
  readonly show: string;
  readonly status: string | null;
}

/** The attributes of a client as a member of a room. */
export type Shown = Readonly<{
  presence?: Presence;
  /** The JSON text of its API fields, which is never parsed. */
  apiField?: string;
  username?: string;
}>;

/** The JSON text of an object: rooms by name, as clients see them. */
export type RoomData = string;

/** An object without rooms. */
export const NO_ROOM_DATA: RoomData = '{}';

/** The presence of clients of other protocols, which have none. */
const PRESENT: Presence = { show: 'chat', status: null };

/** Returns the rooms that a client has just joined, with all their members. */
export function joined(rooms: readonly Room[]): RoomData {
  return objectOf(
    rooms.map(({ id, members, attributes }) => {
      const clientList = objectOf(members.map((member) => memberOf(member.id, entryOf(member))));
      return roomOf(id, 'join', `,"clientList":${clientList}${membersOf(attributes)}`);
    }),
  );
}

/** Returns rooms that a client has left, or that have ended. */
export function left(names: readonly string[]): RoomData {
  return objectOf(names.map(gone));
}

/** Returns the current attributes of a member in its rooms. */
export function updated(rooms: readonly Room[], clientId: string): RoomData {
  return objectOf(rooms.map((room) => updateOf(room, clientId)));
}

/** Encodes changes for the members of rooms. The text of a change is built once for all members. */
export class RoomNews {
  private readonly texts = new WeakMap<RoomChange, string>();

  /** Returns the changes that a member does not know yet; `NO_ROOM_DATA` if there are none. */
  changed(changes: readonly RoomChange[], listener: string): RoomData {
    const texts: string[] = [];
    for (const change of changes) {
      if (isEndFor(change, listener)) texts.push(gone(change.room.id));
      else if (change.client !== listener) texts.push(this.textOf(change));
    }
    return objectOf(texts);
  }

  private textOf(change: RoomChange): string {
    let text = this.texts.get(change);
    if (text === undefined) this.texts.set(change, (text = changeOf(change)));
    return text;
  }
}

/** Whether a change removes a client from a room without a request of the client. */
export function isEndFor({ kind, client }: RoomChange, listener: string): boolean {
  return kind === 'ended' || (kind === 'left' && client === listener);
}

/** Returns the shared fields; undefined if there are none. */
export function sharedFields(fields: EasyRtcFields = {}): Fields | undefined {
  const shared = Object.entries(fields).filter(([, { fieldOption }]) => fieldOption?.isShared === true);
  if (shared.length === 0) return undefined;
  // Safe for any name: `__proto__` becomes an ordinary property.
  return Object.fromEntries(shared.map(([fieldName, { fieldValue }]) => [fieldName, { fieldName, fieldValue }]));
}

// Each function below returns the text of members of a JSON object.

function gone(roomName: string): string {
  return roomOf(roomName, 'leave');
}

function changeOf({ kind, client, room }: RoomChange): string {
  if (client === undefined) return roomOf(room.id, 'update', membersOf(room.attributes));
  if (kind !== 'left') return updateOf(room, client);
  const removed = memberOf(client, `{"easyrtcid":${JSON.stringify(client)}}`);
  return roomOf(room.id, 'update', `,"clientListDelta":{"removeClient":{${removed}}}`);
}

function updateOf(room: Room, clientId: string): string {
  const member = room.members.find(({ id }) => id === clientId);
  const updatedClient = member ? memberOf(clientId, entryOf(member)) : '';
  return roomOf(room.id, 'update', `,"clientListDelta":{"updateClient":{${updatedClient}}}`);
}

function roomOf(id: string, roomStatus: string, more = ''): string {
  return memberOf(id, `{"roomName":${JSON.stringify(id)},"roomStatus":"${roomStatus}"${more}}`);
}

function membersOf(attributes: Room['attributes']): string {
  const members = JSON.stringify(attributes ?? {}).slice(1, -1);
  return members === '' ? '' : `,${members}`;
}

/** Returns a member as other clients see it: its attributes, its id and the time at which it joined. */
function entryOf({ id, joinedAt, attributes = {} }: RoomMember): string {
  const { presence = PRESENT, apiField, username } = attributes as Shown;
  const more = apiField === undefined ? '' : `,"apiField":${apiField}`;
  const name = username === undefined ? '' : `,"username":${JSON.stringify(username)}`;
  return `{"easyrtcid":${JSON.stringify(id)},"roomJoinTime":${joinedAt},"presence":${JSON.stringify(presence)}${more}${name}}`;
}

function memberOf(name: string, value: string): string {
  return `${JSON.stringify(name)}:${value}`;
}

function objectOf(members: readonly string[]): string {
  return `{${members.join()}}`;
}
