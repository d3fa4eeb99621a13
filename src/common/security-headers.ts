import type { IncomingMessage, ServerResponse } from 'node:http';

/** For what is no page: it loads nothing by itself, and nobody may show it in a frame. Pages have a stricter one of their own. */
const POLICY = "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Protects an answer in browsers: it is only what its type says, and no other page may frame it. */
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
