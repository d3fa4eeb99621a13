import type { AdminApi, Query } from './admin-api.js';
import { PATIENCE_MS } from './patience.js';

export interface StreamedEvent {
  /** Absent for events that are not replayed. */
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/** The events of a server, as a subscriber receives them. */
export class EventStream {
  private static readonly open = new Set<EventStream>();

  /** Resolves when the server has ended the stream properly; rejects if it was cut. */
  readonly ended: Promise<void>;

  private readonly unread: StreamedEvent[] = [];
  private wake: () => void = () => undefined;

  private constructor(
    readonly response: Response,
    private readonly abort: AbortController,
  ) {
    EventStream.open.add(this);
    this.ended = this.read();
    this.ended.catch(() => undefined);
  }

  /** Connects. Resolves after the first bytes: from then on no event is missed. */
  static async connect(
    api: AdminApi,
    query: Query = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<EventStream> {
    const abort = new AbortController();
    const response = await api.fetch('GET', 'events', { query, headers }, abort.signal);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return new EventStream(response, abort);
  }

  /** Closes all remaining streams: for `afterEach`. */
  static closeAll(): void {
    for (const stream of EventStream.open) stream.close();
  }

  /** Returns the oldest event that was not returned before, or waits for one. */
  async next(): Promise<StreamedEvent> {
    const deadline = performance.now() + PATIENCE_MS;
    while (this.unread.length === 0) {
      const rest = deadline - performance.now();
      if (rest <= 0) throw new Error(`no event within ${PATIENCE_MS} ms`);
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        timer = setTimeout(resolve, rest);
      });
      clearTimeout(timer);
    }
    return this.unread.shift()!;
  }

  async nextOnes(count: number): Promise<StreamedEvent[]> {
    const events: StreamedEvent[] = [];
    while (events.length < count) events.push(await this.next());
    return events;
  }

  /** Returns the events so far that were not returned before. */
  rest(): StreamedEvent[] {
    return this.unread.splice(0);
  }

  /** Disconnects, as a reader that leaves. */
  close(): void {
    EventStream.open.delete(this);
    this.abort.abort();
  }

  private async read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of this.response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) if (!block.startsWith(':')) this.unread.push(parsed(block));
      this.wake();
    }
    if (text !== '') throw new Error(`half an event at the end: ${text}`);
  }
}

/** Parses one event with a name and one line of JSON. Throws on anything else. */
function parsed(block: string): StreamedEvent {
  const match = /^(?:id: (\S+)\n)?event: ([\w.]+)\ndata: (.*)$/.exec(block);
  if (!match) throw new Error(`no event: ${block}`);
  const [, id, event, data] = match;
  return { ...(id !== undefined && { id }), event, data: JSON.parse(data) };
}
