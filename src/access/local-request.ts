import type { IncomingMessage } from 'node:http';

const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/i;
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
/** Headers that only proxies set. */
const OF_PROXIES = /^(forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-.*)$/;

/**
 * Whether a request is from a program on this machine, and not from a proxy on this machine on behalf of another
 * client. A proxy adds a header, keeps the client's Host, or speaks HTTP/1.0, as nginx does by default. A foreign Host
 * also reveals a page that uses DNS rebinding.
 */
export function isLocalRequest({ headers, httpVersion, socket }: IncomingMessage): boolean {
  return (
    httpVersion !== '1.0' &&
    LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '') &&
    LOOPBACK_HOST.test(headers.host ?? '') &&
    !Object.keys(headers).some((name) => OF_PROXIES.test(name))
  );
}
