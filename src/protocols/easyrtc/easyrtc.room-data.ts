import type { Room, RoomChange, RoomMember } from '../../common/room.js';
import type { EasyRtcFields } from './easyrtc.hooks.js';

/** What clients learn of fields: `{f: {"fieldName": f, "fieldValue"}, …}`. */
export type Fields = Readonly<Record<string, { readonly fieldName: string; readonly fieldValue: unknown }>>;

/** Null for a status that was never set. */
export interface Presence {
  readonly show: string;
  readonly status: string | null;
}

/** What a client shows of itself in a room: its attributes as a member. */
export type Shown = Readonly<{
  presence?: Presence;
  /** The JSON of its API fields. They are carried, and never read. */
  apiField?: string;
  username?: string;
}>;

/** What clients learn of rooms, by their names: the JSON of an object. */
export type RoomData = string;

/** The text of nothing. */
export const NO_ROOM_DATA: RoomData = '{}';

/** What is shown of clients of other protocols, which have no presence. */
const PRESENT: Presence = { show: 'chat', status: null };

/** The rooms that a client has just joined, with all who are in them. */
export function joined(rooms: readonly Room[]): RoomData {
  return objectOf(
    rooms.map(({ id, members, attributes }) => {
      const clientList = objectOf(members.map((member) => memberOf(member.id, entryOf(member))));
      return roomOf(id, 'join', `,"clientList":${clientList}${membersOf(attributes)}`);
    }),
  );
}

/** The rooms that a client has left, or that have ended. */
export function left(names: readonly string[]): RoomData {
  return objectOf(names.map(gone));
}

/** What the rooms show of a member now. */
export function updated(rooms: readonly Room[], clientId: string): RoomData {
  return objectOf(rooms.map((room) => updateOf(room, clientId)));
}

/** What members have to hear of changes that belong together. What all of them are told is written once. */
export class RoomNews {
  private readonly texts = new WeakMap<RoomChange, string>();

  /** `NO_ROOM_DATA` if there is nothing that the listener does not know. */
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

/** Whether a client is in a room no longer, though it has not left it by itself. */
export function isEndFor({ kind, client }: RoomChange, listener: string): boolean {
  return kind === 'ended' || (kind === 'left' && client === listener);
}

/** What clients learn of fields; undefined if none of them is shared. */
export function sharedFields(fields: EasyRtcFields = {}): Fields | undefined {
  const shared = Object.entries(fields).filter(([, { fieldOption }]) => fieldOption?.isShared === true);
  if (shared.length === 0) return undefined;
  // Safe for any name: `__proto__` becomes a property like others.
  return Object.fromEntries(shared.map(([fieldName, { fieldValue }]) => [fieldName, { fieldName, fieldValue }]));
}

// Each of these is a member of a JSON object, or the members that follow another one.

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

/** What others learn of a client: what it shows, with its id and when it joined. */
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
