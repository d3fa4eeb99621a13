import type { IncomingMessage } from 'node:http';

/** Most different sources that are kept. */
const MAX_KEPT = 1000;
/** Most characters of a header that are kept. */
const MAX_LENGTH = 256;

/** What the request of a connection says about the software that opens it. */
export interface RequestSource {
  readonly userAgent?: string;
  readonly origin?: string;
}

/** The sources of requests. Clients with the same headers share one, so that it costs little memory. */
export class RequestSources {
  private readonly kept = new Map<string, RequestSource>();

  of({ headers }: IncomingMessage): RequestSource | undefined {
    const userAgent = headers['user-agent']?.slice(0, MAX_LENGTH);
    const origin = headers.origin?.slice(0, MAX_LENGTH);
    if (userAgent === undefined && origin === undefined) return undefined;
    // A header has no line breaks.
    const key = `${userAgent ?? ''}\n${origin ?? ''}`;
    let source = this.kept.get(key);
    if (!source) {
      source = { ...(userAgent !== undefined && { userAgent }), ...(origin !== undefined && { origin }) };
      if (this.kept.size >= MAX_KEPT) this.kept.clear();
      this.kept.set(key, source);
    }
    return source;
  }
}
