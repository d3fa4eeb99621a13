import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { NodeIdentity } from '../../common/node-identity.js';
import { Keys } from './keys.js';
import { type RedisClient, RedisConnection } from './redis-connection.js';

/** Longest time that a read blocks in Redis. */
const BLOCK_MS = 1000;
/** Delay after a failed read. */
const RETRY_MS = 50;
/** Interval at which handled entries are trimmed. */
const TRIM_MS = 50;

type Fields = readonly Buffer[];
type Reply = readonly (readonly [key: Buffer, entries: readonly (readonly [id: Buffer, fields: Fields])[]])[] | null;

/** A stream that this node reads. */
class Inbox {
  /** Id of the last handled entry. */
  position = '0-0';
  /** Whether Redis still holds handled entries. */
  needsTrim = false;

  constructor(
    readonly key: string,
    readonly handle: (fields: Fields) => void,
  ) {}
}

/**
 * Reads the two streams of this node: room changes, which scripts append, and messages of other nodes. After a lost
 * connection it reads on where it was. On a single Redis one command reads both streams, and room changes are handled
 * first, so that a member is announced before its messages arrive. On a Redis Cluster the streams may be on different
 * servers and are read by two connections.
 */
@Injectable()
export class Inboxes {
  /** Called with errors of handlers. */
  onError: (error: unknown) => void = () => undefined;
  private readonly rooms: Inbox;
  private readonly messages: Inbox;
  private readonly readers: RedisClient[] = [];
  private onRoomChange: (text: string, operation: string | undefined) => void = () => undefined;
  private onMessage: (fields: Fields) => void = () => undefined;
  private timer?: NodeJS.Timeout;
  private stopped = false;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
    private readonly node: NodeIdentity,
  ) {
    this.rooms = new Inbox(keys.rooms.changes(node.name), ([, text, , operation]) => {
      if (text) this.onRoomChange(text.toString(), operation?.toString());
    });
    this.messages = new Inbox(keys.inbox(node.name).messages, (fields) => this.onMessage(fields));
  }

  /**
   * Sets the handler for room changes. `operation` is the number of this node's operation that made them, if one did.
   */
  onRoomChanges(listener: (text: string, operation: string | undefined) => void): void {
    this.onRoomChange = listener;
  }

  /** Sets the handler for entries of messages, given as names and values of their fields. */
  onMessages(listener: (fields: Fields) => void): void {
    this.onMessage = listener;
  }

  /** Creates the streams that are missing, and starts reading. */
  async open(): Promise<void> {
    const { rooms, messages, redis, keys, node } = this;
    if (!(await redis.ask((client) => client.exists(messages.key)))) {
      const id = await redis.ask((client) => client.xadd(messages.key, '*', 'start', ''));
      messages.position = id ?? '0-0';
    }
    if (!(await redis.ask((client) => client.exists(rooms.key)))) {
      rooms.position = (await redis.run('openChanges', keys.rooms.base, node.name)) as string;
    }
    if (this.timer) return;
    this.timer = setInterval(() => void this.trim(), TRIM_MS);
    this.timer.unref();
    const groups = redis.isCluster ? [[rooms], [messages]] : [[rooms, messages]];
    for (const inboxes of groups) {
      const reader = redis.forBlocking(BLOCK_MS);
      this.readers.push(reader);
      void this.read(reader, inboxes);
    }
  }

  /** Stops reading for good. */
  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    for (const reader of this.readers) reader.disconnect();
  }

  /** Removes handled entries from the streams. Never rejects: the next call repeats what has failed. */
  async trim(): Promise<void> {
    const handled = [this.rooms, this.messages].filter(({ needsTrim }) => needsTrim && this.redis.isReady);
    const trims = handled.map(async (inbox) => {
      inbox.needsTrim = false;
      const [ms, sequence] = inbox.position.split('-');
      try {
        await this.redis.ask((client) => client.xtrim(inbox.key, 'MINID', `${ms}-${Number(sequence) + 1}`));
      } catch {
        inbox.needsTrim = true;
      }
    });
    await Promise.all(trims);
  }

  private async read(reader: RedisClient, inboxes: readonly Inbox[]): Promise<void> {
    const keys = inboxes.map(({ key }) => key);
    while (!this.stopped) {
      try {
        const positions = inboxes.map(({ position }) => position);
        const reply = (await reader.xreadBuffer('BLOCK', BLOCK_MS, 'STREAMS', ...keys, ...positions)) as Reply;
        for (const inbox of inboxes) this.handleEntries(inbox, reply);
      } catch {
        // There is no connection. ioredis reconnects by itself.
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  private handleEntries(inbox: Inbox, reply: Reply): void {
    const entries = reply?.find(([key]) => key.toString() === inbox.key)?.[1] ?? [];
    for (const [id, fields] of entries) {
      try {
        inbox.handle(fields);
      } catch (error) {
        this.onError(error);
      }
      inbox.position = id.toString();
      inbox.needsTrim = true;
    }
  }
}
