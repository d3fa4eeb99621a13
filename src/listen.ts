import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { Config } from './config/config.js';
import { onAddress } from './transport/http/any-address.js';
import { removeStaleSocket } from './transport/http/stale-socket.js';

/**
 * Listens on the configured address. `::` means all addresses, even on a machine without IPv6.
 * @returns the port, or the path of the Unix socket or Windows pipe
 * @throws Error with a `code` of the operating system, such as EADDRINUSE
 */
export async function listen(app: INestApplication): Promise<number | string> {
  const { host, port } = app.get(Config);
  if (typeof port === 'string') return listenOnPath(app, port);
  await onAddress(host, (address) => app.listen(port, address));
  return ((app.getHttpServer() as Server).address() as AddressInfo).port;
}

/**
 * Listens on a Unix socket or Windows pipe, and replaces the socket file of a crashed server. Closing removes the file.
 */
async function listenOnPath(app: INestApplication, path: string): Promise<string> {
  try {
    await app.listen(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !(await removeStaleSocket(path))) throw error;
    await app.listen(path);
  }
  return path;
}
