import type { Config } from '../../src/config/config.js';
import type { Extension } from '../../src/extensions.module.js';
import { ConnectorClient } from './connector-client.js';
import { EasyRtcClient, type Received, rooms } from './easyrtc-client.js';
import { secretToken } from './issuer.js';
import { PeerJsSocket } from './peerjs-socket.js';
import { startServer, type TestServer } from './server.js';

const SECRET = 'a secret of enough characters';

/** The option `auth` of a server whose clients need tokens. */
export const SECURED = { mode: 'jwt', jwt: { secret: SECRET, clockToleranceS: 0 } } as const;

type Urls = Pick<TestServer, 'url' | 'wsUrl'>;

/** The claims of a token beside the registered ones. */
export type OwnClaims = Readonly<Record<string, unknown>>;

/** Signs a token for a server of `startSecured`. */
export function tokenFor(sub: string | undefined, signalbox: OwnClaims = {}, more: object = {}): Promise<string> {
  return secretToken(SECRET, { sub, signalbox, ...more });
}

/** Starts a server whose clients need tokens. */
export function startSecured(
  options: Partial<Config> = {},
  { required = true, extensions = [] }: { readonly required?: boolean; readonly extensions?: Extension[] } = {},
): Promise<TestServer> {
  return startServer({ auth: { ...SECURED, required }, ...options }, extensions);
}

/** Connects a Peer2Peer Connector client with a token. */
export function connectorWith(server: Urls, token: string): Promise<ConnectorClient> {
  return ConnectorClient.connect(server.wsUrl, bearer(token));
}

/** Connects a PeerJS client with a token. */
export function peerWith(server: Urls, id: string, token: string): Promise<PeerJsSocket> {
  return PeerJsSocket.open(server.wsUrl, { id, token });
}

/** Logs in an EasyRTC client with a token, in the realm of the others. */
export function easyrtcWith(server: Urls, token: string, ...names: string[]): Promise<EasyRtcClient> {
  return EasyRtcClient.login(server.url, loginWith(token, ...names));
}

/** Builds the `msgData` of a login. */
export function loginWith(token: string, ...names: string[]): object {
  const roomJoin = names.length > 0 ? rooms(...names) : undefined;
  return { applicationName: 'default', credential: { token }, roomJoin };
}

export function bearer(token: string): { readonly headers: Record<string, string> } {
  return { headers: { Authorization: `Bearer ${token}` } };
}

/** The error code of an EasyRTC answer. */
export function codeOf({ msgData }: Received): unknown {
  return (msgData as { errorCode?: unknown } | undefined)?.errorCode;
}
