import { Injectable } from '@nestjs/common';
import { ClusterOptions } from '../../config/sections/cluster.options.js';

/** Parts of the client directory. A Redis Cluster spreads them over its servers. */
export const BUCKETS = 8;

/**
 * Every key in Redis: its name behind the base of its group. A name that ends in a colon is that of one key for each
 * room, node or client. All keys of a group share a hash tag, so that a Redis Cluster keeps them on one server and a
 * script may use all of them. Lua scripts see each as a local, such as `orderKey` or `roomKey(room)`.
 */
export const KEYS = {
  /** A bucket of the client directory. `client` stands for a qualified id. */
  clients: {
    /** Hash: client -> "SESSION NODE PROTOCOL ENTRY". */
    clients: 'clients',
    /** Hash: client -> token, for clients that have one. */
    tokens: 'tokens',
    /** Sorted set: clients by score, in the order of their claims. */
    order: 'order',
    /** String: the highest score in `order`. */
    lastScore: 'lastScore',
    /** Hash: realm -> number of its clients. */
    realms: 'realms',
    /** Set: the clients of a node. */
    clientsOf: 'clientsOf:',
    /** Hash: freed id -> the protocol that it is reserved for. */
    former: 'former',
    /** Sorted set: freed ids by the end of their reservation (ms since 1970). */
    formerUntil: 'formerUntil',
    /** List: clients of a dead node whose ids were released and that are not reported yet, as in `clients`. */
    lost: 'lost:',
  },
  /** Clients that are counted for their users. `user` stands for a qualified user. */
  users: {
    /** Hash of a user: JSON of an id -> "NODE SESSION" of each client that has or claims it, a line for each. */
    places: 'places:',
    /** Set: "USER\nID" for each counted client of a node. */
    placesOf: 'placesOf:',
  },
  rooms: {
    /**
     * Hash of a room: head (realm, id and name as members of a JSON object), since, version, creator, attributes,
     * permanent, joined (the last member's place in the order of joining), rebuilt (set if the room was lost and
     * restored), address (the group that it was created from, if it is counted for one).
     */
    room: 'room:',
    /** Hash of a room: client -> "SEQUENCE NODE JOINED_AT ATTRIBUTES". */
    members: 'members:',
    /** Hash of a room: node -> number of its members there. */
    memberCounts: 'memberCounts:',
    /** Set: "ROOM\nCLIENT" for each member on a node. */
    membersOf: 'membersOf:',
    /** Stream: changes for a node, as batches in JSON (field e), with the number of its own operation (field o). */
    changes: 'changes:',
    /** Sorted set: rooms by score, in the order in which they were created; those of groups are in `groups`. */
    order: 'order',
    /** String: the highest score in `order`. */
    lastScore: 'lastScore',
    /** Set: the rooms of groups. */
    groups: 'groups',
    /** Hash: realm -> number of its rooms. */
    realms: 'realms',
    /** Hash: address group -> number of the rooms that were created from it. */
    addresses: 'addresses',
    /** List: members of a dead node that were removed and not reported yet, as JSON. */
    lost: 'lost:',
  },
  /** Signals for absent clients. */
  queue: {
    /** Stream: all signals, oldest first (t target, f sender, a address group or '', b bytes, s signal). */
    signals: 'signals',
    /** List: ids in `signals` of the signals to one target. */
    signalsTo: 'signalsTo:',
    /** Hash: number ("SHARE n") and bytes ("SHARE b") of the signals in each share of a bound. */
    shares: 'shares',
  },
  /** The recent events of all nodes. */
  events: {
    /** Stream: batches of events (t time of appending, e events in JSON); an id is the position of the last event. */
    journal: 'journal',
    /** String: position of the newest event. */
    last: 'last',
    /** Sorted set: positions of the newest event, by the times at which it was the newest (ms since 1970). */
    marks: 'marks',
    /** String: run and number of the last batch that a node has written. */
    lastBatch: 'lastBatch:',
  },
  nodes: {
    /** Sorted set: live nodes by their last heartbeat (ms since 1970). */
    heartbeats: 'heartbeats',
    /** Hash: live node -> its run, which tells it from earlier nodes of the same name. */
    runs: 'runs',
    /**
     * Sorted set: dead nodes that are still to be removed, by the last renewal of the lease on that (ms since 1970).
     */
    dead: 'dead',
    /** Hash: dead node -> run of the node that has the lease on its removal. */
    leases: 'leases',
  },
  /** What other nodes send to one node. */
  inbox: {
    /** Stream: batches of messages (field m). */
    messages: 'messages',
    /** The former `messages` of a dead node, while its signals are returned to their senders. */
    undelivered: 'undelivered',
  },
  /** Readers of the events that one node at a time serves. */
  readers: {
    /** String: the owner that has a reader, until the lease expires. */
    lease: 'lease:',
    /** String: the state of a reader that its last owner has saved. */
    state: 'state:',
  },
  /** Blocks of addresses and users, by their ids. */
  blocks: {
    /** Hash: block -> JSON. */
    entries: 'entries',
    /** Sorted set: blocks by their ends (ms since 1970). */
    until: 'until',
    /** String: a random name, which tells these blocks from others that Redis has lost. */
    epoch: 'epoch',
  },
} as const;

export type KeyGroup = keyof typeof KEYS;

/** The keys of a group below one base. */
type KeysBelow<G extends KeyGroup> = { readonly base: string } & {
  readonly [K in keyof (typeof KEYS)[G]]: (typeof KEYS)[G][K] extends `${string}:` ? (name: string) => string : string;
};

/** All keys of this application, which begin with its prefix. */
@Injectable()
export class Keys {
  readonly buckets: readonly KeysBelow<'clients'>[];
  readonly users: KeysBelow<'users'>;
  readonly rooms: KeysBelow<'rooms'>;
  readonly queue: KeysBelow<'queue'>;
  readonly events: KeysBelow<'events'>;
  readonly nodes: KeysBelow<'nodes'>;
  readonly readers: KeysBelow<'readers'>;
  readonly blocks: KeysBelow<'blocks'>;
  private readonly prefix: string;

  constructor({ redisPrefix }: ClusterOptions) {
    this.prefix = redisPrefix;
    this.buckets = Array.from({ length: BUCKETS }, (_, bucket) => this.below('clients', `clients-${bucket}`));
    this.users = this.below('users', 'users');
    this.rooms = this.below('rooms', 'rooms');
    this.queue = this.below('queue', 'queue');
    this.events = this.below('events', 'events');
    this.nodes = this.below('nodes', 'nodes');
    this.readers = this.below('readers', 'readers');
    this.blocks = this.below('blocks', 'blocks');
  }

  /** Returns the keys of the bucket that a client is in. */
  bucketOf(client: string): KeysBelow<'clients'> {
    return this.buckets[bucketOf(client)]!;
  }

  inbox(node: string): KeysBelow<'inbox'> {
    return this.below('inbox', `node-${node}`);
  }

  private below<G extends KeyGroup>(group: G, tag: string): KeysBelow<G> {
    const base = `${this.prefix}:{${tag}}:`;
    const keys = Object.entries(KEYS[group]).map(([key, name]) => {
      return [key, name.endsWith(':') ? (of: string) => base + name + of : base + name];
    });
    return { base, ...Object.fromEntries(keys) } as KeysBelow<G>;
  }
}

/** Returns Lua that declares the keys of a group; the base is the only key that a script is called with. */
export function luaKeys(group: KeyGroup): string {
  const declarations = Object.entries(KEYS[group]).map(([key, name]) => {
    return name.endsWith(':')
      ? `local function ${key}Key(of) return KEYS[1] .. '${name}' .. of end`
      : `local ${key}Key = KEYS[1] .. '${name}'`;
  });
  return declarations.join('\n');
}

/** Returns the number of the bucket that a client is in. */
export function bucketOf(client: string): number {
  let hash = 0;
  for (let i = 0; i < client.length; i++) hash = (Math.imul(hash, 31) + client.charCodeAt(i)) | 0;
  return (hash >>> 0) % BUCKETS;
}

/**
 * Returns a name in a realm as one text. It is JSON, because strings of clients may be malformed Unicode, and JSON
 * contains no line breaks of its own.
 */
export function qualified(realm: string, id: string): string {
  return `${JSON.stringify(realm)}\n${JSON.stringify(id)}`;
}

/** The reverse of `qualified`. */
export function unqualified(name: string): { readonly realm: string; readonly id: string } {
  const [realm, id] = name.split('\n').map((part) => JSON.parse(part) as string) as [string, string];
  return { realm, id };
}
