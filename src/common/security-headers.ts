import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * For responses that are not pages: they need no resources and must not be framed. Pages have a stricter policy of
 * their own.
 */
const POLICY = "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** For our own pages: scripts, styles and data from this server alone, and nothing inline. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Sets headers that forbid browsers to guess a response's type and to show it in a frame. */
export function protect(response: ServerResponse, contentSecurityPolicy = POLICY): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Content-Security-Policy', contentSecurityPolicy);
}

/** `protect` as a middleware. */
export function securityHeaders(_request: IncomingMessage, response: ServerResponse, next: () => void): void {
  protect(response);
  next();
}
