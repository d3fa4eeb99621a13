import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';
import type { AllowedOrigins } from './allowed-origins.js';

/** Tells whether a path, decoded and without a slash at its end, is one of those that are shared. */
export type PathTest = (path: string) => boolean;

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** Tells whether a path is a given one or lies below it. Express ignores letter case in paths, too. */
export function isWithin(mount: string): PathTest {
  const top = mount.toLowerCase();
  return (path) => path.toLowerCase() === top || path.toLowerCase().startsWith(`${top}/`);
}

/**
 * Lets pages of other origins read answers (CORS), if their origins are allowed. The headers are set before anything looks
 * at the request, so that refusals and errors have them, too. Paths that no protocol shares are left to the application.
 */
export class Cors {
  private readonly shared: { readonly isShared: PathTest; readonly handler: Handler }[] = [];

  constructor(private readonly origins: AllowedOrigins) {}

  /** Shares all answers at some paths. With `credentials`, pages may send their cookies. */
  share(isShared: PathTest, { credentials = false } = {}): void {
    const handler = cors<IncomingMessage>((request, decide) => {
      // The empty list names no origin, and still says by Vary that the answer depends on it.
      decide(null, { origin: this.origins.allows(request) ? true : [], credentials });
    });
    this.shared.push({ isShared, handler: handler as Handler });
  }

  /** Sets the headers of an answer at a path, and calls `next`; answers OPTIONS itself where the path is shared. */
  apply(path: string, request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const { handler } = this.shared.find(({ isShared }) => isShared(path)) ?? {};
    if (handler) handler(request, response, next);
    else next();
  }
}
