import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';
import type { AllowedOrigins } from './allowed-origins.js';

/** Whether pages of other origins may read the answers at a path. The path is decoded and has no slash at its end. */
export type PathTest = (path: string) => boolean;

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** Returns a test for a path and all paths below it. Like Express, it ignores letter case. */
export function isWithin(mount: string): PathTest {
  const top = mount.toLowerCase();
  return (path) => path.toLowerCase() === top || path.toLowerCase().startsWith(`${top}/`);
}

/** Returns a test for the paths one segment below a path. */
export function isFileIn(mount: string): PathTest {
  const isBelow = isWithin(mount);
  return (path) => isBelow(path) && path.lastIndexOf('/') === mount.length && path.length > mount.length + 1;
}

/**
 * Lets pages of allowed origins read answers (CORS). The headers are set before the request is handled, so that
 * refusals and errors have them, too. Paths that no protocol shares are left to the application.
 */
export class Cors {
  private readonly shared: { readonly isShared: PathTest; readonly handler: Handler }[] = [];

  constructor(private readonly origins: AllowedOrigins) {}

  /** Shares the answers at some paths. With `credentials`, pages may send cookies. */
  share(isShared: PathTest, { credentials = false } = {}): void {
    const handler = cors<IncomingMessage>((request, decide) => {
      // With an empty list the answer names no origin, and still has `Vary: Origin`.
      decide(null, { origin: this.origins.allows(request) ? true : [], credentials });
    });
    this.shared.push({ isShared, handler: handler as Handler });
  }

  /** Shares nothing any more: a server in front sets the headers of all answers. */
  leaveToFront(): void {
    this.shared.length = 0;
  }

  /** Sets the headers of an answer and calls `next`, or answers an OPTIONS request at a shared path. */
  apply(path: string, request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const { handler } = this.shared.find(({ isShared }) => isShared(path)) ?? {};
    if (handler) handler(request, response, next);
    else next();
  }
}
