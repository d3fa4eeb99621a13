import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';
import type { Admission } from './admission.js';

/** Whether pages of other origins may read the answers at a path. The path is decoded and has no slash at its end. */
export type PathTest = (path: string) => boolean;

/** Answers at some paths that pages of other origins may read. */
interface Share {
  readonly isShared: PathTest;
  /** Whether pages may send cookies. */
  readonly credentials?: boolean;
  /** The realm whose origins may read an answer; undefined allows those of all realms. */
  readonly realmOf?: (path: string, request: IncomingMessage) => string | undefined;
}

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
  private readonly shared: Share[] = [];

  constructor(private readonly admission: Pick<Admission, 'allowsPage'>) {}

  share(isShared: PathTest, options: Omit<Share, 'isShared'> = {}): void {
    this.shared.push({ isShared, ...options });
  }

  /** Shares nothing any more: a server in front sets the headers of all answers. */
  leaveToFront(): void {
    this.shared.length = 0;
  }

  /** Sets the headers of an answer and calls `next`, or answers an OPTIONS request at a shared path. */
  apply(path: string, request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const share = this.shared.find(({ isShared }) => isShared(path));
    if (!share) return next();
    const isAllowed = this.admission.allowsPage(request, share.realmOf?.(path, request));
    // With an empty list the answer names no origin, and still has `Vary: Origin`.
    const origin = isAllowed ? true : [];
    cors<IncomingMessage>({ origin, credentials: share.credentials ?? false })(request, response, next);
  }
}
