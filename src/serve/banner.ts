import type { INestApplication } from '@nestjs/common';
import { AdminAccess } from '../access/admin-access.js';
import { packageVersion } from '../common/package-version.js';
import { Config } from '../config/config.js';
import { mountPath } from '../protocols/peerjs/peerjs.path.js';
import { Realms } from '../realms/realms.js';
import { originsOf } from './origins.js';

const NAME_WIDTH = 9;

/**
 * Returns the six lines with which the server greets the operator at a terminal: name and version, the address for each
 * protocol, the pages, and whether the admin API is on.
 * @param port that the server listens on, or the path of its socket
 */
export function bannerOf(app: INestApplication, port: number | string): string[] {
  const { host, sslkey, adminPort, adminHost, ...pages } = app.get(Config);
  const isTls = sslkey !== '';
  const origin = typeof port === 'string' ? `unix:${port}:` : originsOf(host, port, isTls)[0];
  const adminOrigin = adminPort === 0 ? origin : originsOf(adminHost === '' ? host : adminHost, adminPort, isTls)[0];
  const { connectorPaths } = app.get(Realms, { strict: false });
  const { isOn } = app.get(AdminAccess, { strict: false });
  const { basePath, demo, docs, console } = pages;
  const rows = [
    ['Signalbox', packageVersion()],
    ['Clients', clientsOf(pages, origin + basePath, connectorPaths)],
    ['Demo', demo ? `${origin}${basePath}/demo` : 'off'],
    ['API docs', docs ? `${adminOrigin}${basePath}/docs` : 'off'],
    ['Console', console ? `${adminOrigin}${basePath}/console` : 'off'],
    ['Admin API', isOn ? `on, at ${adminOrigin}${basePath}/admin/v1` : 'off, because adminTokens is empty'],
  ] as const;
  return rows.map(([name, text]) => `${name.padEnd(NAME_WIDTH)} ${text}\n`);
}

/** Returns the addresses at which the clients of each protocol connect. */
function clientsOf(
  { path, socketIoPath }: Pick<Config, 'path' | 'socketIoPath'>,
  base: string,
  connectorPaths: readonly string[],
): string {
  const sockets = base.replace(/^http/, 'ws');
  const connector = connectorPaths.map((each) => `${sockets}${each} (Peer2Peer Connector)`);
  return [...connector, `${sockets}${mountPath(path)}/peerjs (PeerJS)`, `${base}${socketIoPath} (EasyRTC)`].join(', ');
}
