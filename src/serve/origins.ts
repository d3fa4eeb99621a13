import { networkInterfaces } from 'node:os';

/**
 * Returns the origins under which a server can be reached, the best one for this machine first.
 * @param host address that it listens on
 */
export function originsOf(host: string, port: number, isTls: boolean): [string, ...string[]] {
  const originOf = (address: string): string =>
    `http${isTls ? 's' : ''}://${address.includes(':') ? `[${address}]` : address}:${port}`;
  const isEverywhere = ['::', '0.0.0.0'].includes(host);
  return isEverywhere ? [originOf('localhost'), ...externalAddresses().map(originOf)] : [originOf(host)];
}

function externalAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((info) => (info?.family === 'IPv4' && !info.internal ? info.address : []));
}
