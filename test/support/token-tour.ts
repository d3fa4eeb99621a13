import { randomBytes } from 'node:crypto';
import { AdminApi, OPERATE_TOKEN } from './admin-api.js';
import { ConnectorClient } from './connector-client.js';
import { EasyRtcClient } from './easyrtc-client.js';
import { seconds, secretToken } from './issuer.js';
import { PeerJsSocket, upgradeStatus } from './peerjs-socket.js';
import type { ReceivedServer } from './turn-credentials.js';

export const TOKEN_KINDS = ['good', 'expired', 'forged', 'garbled'] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

/** A realm, by its doors. Its application has its name. */
export interface Doors {
  readonly realm: string;
  readonly path: string;
  readonly key: string;
}

interface Url {
  readonly url: string;
  readonly wsUrl: string;
}

/** Sends tokens to servers in every way, and keeps what comes back. The servers trust `X-Forwarded-For`. */
export class TokenTour {
  /** Each token that was sent, with its way. */
  readonly ways = new Map<string, string>();
  /** What clients and admins have received, without the TURN credentials of their own. */
  readonly received: string[] = [];
  /** TURN credentials that clients have received. */
  readonly credentials = new Set<string>();
  private turns = 0;

  constructor(private readonly secret: string) {}

  /** Connects with tokens of a kind in each way, and sends requests with them. */
  async visit(server: Url, doors: Doors, kind: TokenKind): Promise<void> {
    const named = (way: string): Promise<string> => this.tokenFor(kind, `${doors.realm}: ${way}`);
    await this.connectConnectors(server.wsUrl + doors.path, named);
    const peer = {
      id: `peer-${doors.realm}-${kind}`,
      key: doors.key,
      token: await named('PeerJS'),
      ...this.anywhere(),
    };
    await this.connectPeer(server.wsUrl, peer);
    for (const transport of ['websocket', 'polling'] as const) await this.login(server.url, doors, transport, named);
    for (const path of [
      `/${doors.key}/peers`,
      `/${doors.key}/ice-servers`,
      `/${doors.key}/nothing`,
      `/ice-servers?realm=${doors.realm}`,
      `/ice-servers?realm=${doors.realm}&realm=${doors.realm}`,
      `/turn/credentials?service=turn&realm=${doors.realm}`,
      `/turn/credentials?service=none&realm=${doors.realm}`,
    ]) {
      const joint = path.includes('?') ? '&' : '?';
      await this.fetch(server.url + path, { headers: { Authorization: `Bearer ${await named(`${path}, header`)}` } });
      await this.fetch(`${server.url}${path}${joint}access_token=${await named(`${path}, query`)}`);
    }
  }

  /** Sends good tokens to places that want none. */
  async stray({ url }: Url): Promise<void> {
    const named = (way: string): Promise<string> => this.tokenFor('good', way);
    for (const path of ['/', '/nothing', '/ice-servers', '/health/ready', '/metrics', '/docs', '/socket.io/']) {
      for (const method of ['GET', 'POST']) {
        await this.fetch(`${url}${path}?access_token=${await named(`${method} ${path}`)}`, { method });
      }
    }
    await this.fetch(`${url}/nothing?a=1&access%5Ftoken=${await named('an encoded name')}`);
    await this.fetch(`${url}/nothing?token=${await named('the name token')}`);
    await this.upgrade(url, `/nothing?access_token=${await named('upgrade, query')}`);
    await this.upgrade(url, '/nothing', { authorization: `Bearer ${await named('upgrade, header')}` });
    await this.upgrade(url, '/', { 'sec-websocket-protocol': `bearer.${await named('subprotocol alone')}` });
    await this.upgrade(url, '/', { authorization: `Basic ${await named('Basic')}` });
    await this.upgrade(url, `/?access_token=${await named('other origin')}`, { origin: 'null' });
  }

  /** Sends good tokens to the admin API. */
  async strayToAdmin({ url }: Url): Promise<void> {
    for (const [method, path] of [
      ['GET', 'nothing'],
      ['POST', 'nothing'],
      ['POST', 'rooms'],
      ['DELETE', 'clients/nobody'],
    ] as const) {
      const query = { realm: 'default', access_token: await this.tokenFor('good', `admin: ${method} ${path}`) };
      for (const token of [OPERATE_TOKEN, undefined]) {
        const { body } = await new AdminApi(url, token).request(method, path, { query });
        this.received.push(JSON.stringify(body) ?? '');
      }
    }
  }

  /** Sends a request, and keeps its answer. */
  async fetch(url: string, init: { method?: string; headers?: Record<string, string> } = {}): Promise<void> {
    const { headers } = this.anywhere(init.headers);
    const response = await fetch(url, { redirect: 'manual', ...init, headers });
    const body = await response.text();
    const own = [...body.matchAll(/"(?:credential|password)":"([^"]+)"/g)];
    for (const [, credential = ''] of own) this.credentials.add(credential);
    this.received.push(JSON.stringify([response.status, [...response.headers], own.length > 0 ? '' : body]));
  }

  /** Makes a token that goes one way alone. */
  private async tokenFor(kind: TokenKind, way: string): Promise<string> {
    const jti = randomBytes(12).toString('base64url');
    const make: Record<TokenKind, () => string | Promise<string>> = {
      good: () => secretToken(this.secret, { jti, sub: `user ${this.turns}` }),
      expired: () => secretToken(this.secret, { jti, exp: seconds(-60) }),
      forged: () => secretToken('another secret of enough characters', { jti }),
      garbled: () => `garbled-${jti}`,
    };
    const token = await make[kind]();
    this.ways.set(token, `${way}, ${kind}`);
    return token;
  }

  /** Gives each request an address of its own: one with many bad tokens would get other answers. */
  private anywhere(more: Record<string, string> = {}): { readonly headers: Record<string, string> } {
    this.turns++;
    return { headers: { 'x-forwarded-for': `203.0.${this.turns >> 8}.${this.turns & 255}`, ...more } };
  }

  private async upgrade(url: string, path: string, headers: Record<string, string> = {}): Promise<void> {
    this.received.push(String(await upgradeStatus(url, path, this.anywhere(headers).headers)));
  }

  private async connectConnectors(url: string, named: (way: string) => Promise<string>): Promise<void> {
    const protocols = `signalbox, bearer.${await named('Connector, subprotocol')}`;
    for (const [query, headers] of [
      ['', { Authorization: `Bearer ${await named('Connector, header')}` }],
      ['', { 'Sec-WebSocket-Protocol': protocols }],
      [`?access_token=${await named('Connector, query')}`, {}],
    ] as const) {
      const client = await this.admitted(ConnectorClient.connect(url + query, this.anywhere(headers)));
      if (client) await this.use(client, await named('Connector, renewal'));
    }
  }

  /** Asks for ICE servers, and renews the token in all forms until the server closes. */
  private async use(client: ConnectorClient, token: string): Promise<void> {
    const answer = await client.ask({ event: 'Ice_Config' });
    this.keep((answer.data as { iceServers: ReceivedServer[] }).iceServers);
    for (const frame of [
      { event: 'Authenticate', data: { token: [token] } },
      { event: 'Authenticate', data: token },
      { event: 'authenticate', data: { token } },
      `{"event":"Authenticate","data":{"token":${token}}}`,
      `{"event":"Authenticate","data":{"token":"${token}`,
      { event: 'Authenticate', data: { token } },
      { event: 'Authenticate', data: { token: `${token}x` } },
    ]) {
      client.send(frame);
    }
    this.received.push(JSON.stringify(await client.closed));
    this.received.push(...client.frames.filter((frame) => frame !== answer).map((frame) => JSON.stringify(frame)));
  }

  private async connectPeer(wsUrl: string, options: object): Promise<void> {
    const peer = await this.admitted(PeerJsSocket.open(wsUrl, options));
    peer?.send({ type: 'OFFER', dst: 'nobody', payload: 1 });
    this.received.push(...((await peer?.rest()) ?? []).map((message) => JSON.stringify(message)));
  }

  private async login(
    url: string,
    { realm }: Doors,
    transport: 'websocket' | 'polling',
    named: (way: string) => Promise<string>,
  ): Promise<void> {
    const extraHeaders = this.anywhere().headers;
    const client = await EasyRtcClient.connect(url, { transports: [transport], extraHeaders });
    const attempt = async (token: string): Promise<boolean> => {
      const { msgType, msgData } = await client.authenticate({ applicationName: realm, credential: { token } });
      const { iceConfig, ...rest } = msgData as { iceConfig?: { iceServers: ReceivedServer[] } };
      this.received.push(JSON.stringify(rest));
      if (iceConfig) this.keep(iceConfig.iceServers);
      return msgType === 'token';
    };
    if (await attempt(await named(`EasyRTC, ${transport}`))) {
      const renewal = await named(`EasyRTC, ${transport}, renewal`);
      await attempt(renewal);
      await client.command('getRoomList', { token: renewal });
      await attempt(`${renewal}x`);
    }
    this.received.push(...client.arrivals.map(({ message }) => JSON.stringify(message)));
  }

  private keep([server]: readonly ReceivedServer[]): void {
    if (server?.credential === undefined) throw new Error('no credential');
    this.credentials.add(server.credential);
  }

  /** Keeps what a client receives when it is refused. */
  private async admitted<T>(client: Promise<T>): Promise<T | undefined> {
    try {
      return await client;
    } catch (error) {
      this.received.push(String(error));
      return undefined;
    }
  }
}
