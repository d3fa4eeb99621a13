import type { ServerResponse } from 'node:http';
import type { JournalPage } from '../events/event-journal.js';
import type { ServerEvent } from '../events/server-event.js';

/** Interval of comments that keep proxies from closing the stream as idle. */
const HEARTBEAT_MS = 15_000;
/** Maximum backlog of a stream. A reader that is further behind is disconnected. */
const MAX_WAITING_BYTES = 1_048_576;

const GAP = recordOf({ type: 'gap' });

/** A response that streams events as server-sent events. */
export class EventStream {
  private readonly heartbeat: NodeJS.Timeout;
  private draining?: Promise<void>;

  /** @param isWanted whether the reader has asked for an event */
  constructor(
    private readonly response: ServerResponse,
    private readonly isWanted: (event: ServerEvent) => boolean,
  ) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    this.heartbeat = setInterval(() => this.write(': alive\n\n'), HEARTBEAT_MS);
  }

  /** Shows the reader that it gets every event from now on. */
  writeOpened(): void {
    this.write(': open\n\n');
  }

  /** Writes the wanted events of a page. Resolves when the reader has caught up, or has gone. */
  writePage({ entries, isGap }: JournalPage): void | Promise<void> {
    // Signals come from their nodes, also if the journal has them.
    const wanted = entries.filter(({ event }) => event.type !== 'signal.relayed' && this.isWanted(event));
    const text = (isGap ? GAP : '') + wanted.map(({ event }) => `id: ${event.id}\n${recordOf(event)}`).join('');
    if (text !== '' && !this.write(text)) return this.drained();
  }

  /** Writes the event of a signal. It has no id, because the journal cannot replay from it. */
  writeSignal(event: ServerEvent): void {
    if (this.isWanted(event)) this.write(recordOf(event));
  }

  end(): void {
    clearInterval(this.heartbeat);
    this.response.end();
  }

  /** @returns whether the reader keeps up */
  private write(text: string): boolean {
    const { response } = this;
    if (response.writableEnded) return true;
    if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
    return response.destroyed || response.write(text);
  }

  private drained(): Promise<void> {
    const { response } = this;
    return (this.draining ??= new Promise((resolve) => {
      const done = (): void => {
        this.draining = undefined;
        response.off('drain', done);
        response.off('close', done);
        resolve();
      };
      response.on('drain', done);
      response.on('close', done);
    }));
  }
}

/** Returns a server-sent event without an id. */
function recordOf(event: { readonly type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
