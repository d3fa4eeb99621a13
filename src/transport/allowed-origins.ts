import type { IncomingMessage } from 'node:http';

/**
 * Whether a page may use the server, going by the origin that its browser sends: any page if the list is empty, otherwise
 * those of the list and the server's own. Programs that send no origin are not pages.
 */
export function isAllowedOrigin({ headers: { origin, host } }: IncomingMessage, list: readonly string[]): boolean {
  if (list.length === 0 || list.includes('*') || origin === undefined || list.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
