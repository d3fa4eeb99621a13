import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { NodeIdentity } from '../../common/node-identity.js';
import { Keys } from './keys.js';
import { RedisConnection, type RedisClient } from './redis-connection.js';

/** How long a read waits at Redis for something to come. */
const BLOCK_MS = 1000;
/** After a failed read. */
const RETRY_MS = 50;
/** What was read is removed from the streams as often as this. */
const TRIM_MS = 50;

type Fields = readonly Buffer[];
type Reply = readonly (readonly [key: Buffer, entries: readonly (readonly [id: Buffer, fields: Fields])[]])[] | null;

/** A stream of this node. */
class Inbox {
  /** Id of the last entry that was handled. */
  position = '0-0';
  /** Whether there are entries that were handled and not removed. */
  isUntidy = false;

  constructor(
    readonly key: string,
    readonly handle: (fields: Fields) => void,
  ) {}
}

/**
 * What other nodes, and Redis itself, send to this node: messages, and changes in rooms. A node that has lost its connection
 * reads on where it was. On a single Redis both streams are read together, the rooms first, so that nobody hears from a
 * client before he hears that it is there; on a Redis Cluster each may be on another server.
 */
@Injectable()
export class Inboxes {
  /** Called with what a handler has thrown. */
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

  /** Sets who takes changes in rooms, and which operation of this node has made them, if one has. */
  onRoomChanges(listener: (text: string, operation: string | undefined) => void): void {
    this.onRoomChange = listener;
  }

  /** Sets who takes entries with messages, as names and values of their fields. */
  onMessages(listener: (fields: Fields) => void): void {
    this.onMessage = listener;
  }

  /** Makes the streams, if they are missing; what comes from now on is read. */
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
    this.timer = setInterval(() => void this.tidy(), TRIM_MS);
    this.timer.unref();
    const together = redis.isCluster ? [[rooms], [messages]] : [[rooms, messages]];
    for (const inboxes of together) {
      const reader = redis.forBlocking(BLOCK_MS);
      this.readers.push(reader);
      void this.read(reader, inboxes);
    }
  }

  /** Stops reading, for good. */
  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    for (const reader of this.readers) reader.disconnect();
  }

  /** Removes what was handled from the streams; never fails, since it is done again. */
  async tidy(): Promise<void> {
    const untidy = [this.rooms, this.messages].filter(({ isUntidy }) => isUntidy && this.redis.isReady);
    const trims = untidy.map(async (inbox) => {
      inbox.isUntidy = false;
      const [ms, sequence] = inbox.position.split('-');
      try {
        await this.redis.ask((client) => client.xtrim(inbox.key, 'MINID', `${ms}-${Number(sequence) + 1}`));
      } catch {
        inbox.isUntidy = true;
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
        for (const inbox of inboxes) this.take(inbox, reply);
      } catch {
        // The connection is lost, or not there yet: ioredis makes another one.
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  private take(inbox: Inbox, reply: Reply): void {
    const entries = reply?.find(([key]) => key.toString() === inbox.key)?.[1] ?? [];
    for (const [id, fields] of entries) {
      try {
        inbox.handle(fields);
      } catch (error) {
        this.onError(error);
      }
      inbox.position = id.toString();
      inbox.isUntidy = true;
    }
  }
}
