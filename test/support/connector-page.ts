import type { Page } from 'playwright-core';
import type { PagePool } from './page-pool.js';
import type { ReceivedServer } from './turn-credentials.js';

interface Peer {
  readonly channelState: string;
  say(text: string): boolean;
  receive(event: string, data: unknown): void;
}

interface Socket {
  onmessage: (event: { readonly data: string }) => void;
  send(text: string): void;
}

interface Program {
  readonly id: string;
  readonly texts: string[];
  peer?: Peer;
  iceServers(): Promise<readonly ReceivedServer[]>;
  meet(id: string, polite: boolean, iceServers: readonly ReceivedServer[]): void;
}

declare const WebSocket: new (url: string) => Socket;
declare const program: Program;

/** Runs in the page: a program that speaks Peer2Peer Connector, with the connections of the demo page. */
async function install([wsUrl, module]: readonly [string, string]): Promise<string> {
  const { Peer } = (await import(module)) as { Peer: new (options: object) => Peer };
  const socket = new WebSocket(wsUrl);
  const answers: ((servers: readonly ReceivedServer[]) => void)[] = [];
  const texts: string[] = [];
  return new Promise((resolve) => {
    const start = (id: string): void => {
      const own: Program = {
        id,
        texts,
        iceServers() {
          socket.send('{"event":"Ice_Config"}');
          return new Promise((given) => answers.push(given));
        },
        meet(to, polite, iceServers) {
          own.peer = new Peer({
            polite,
            iceServers,
            onSignal: (event: string, data: unknown) => socket.send(JSON.stringify({ event, to, data })),
            onText: (text: string) => texts.push(text),
            onChange: () => undefined,
            onStream: () => undefined,
          });
        },
      };
      Object.assign(globalThis, { program: own });
      resolve(id);
    };
    socket.onmessage = ({ data: text }) => {
      const { event, data } = JSON.parse(text) as { event: string; data: { id: string; iceServers: ReceivedServer[] } };
      if (event === 'Client_Details') start(data.id);
      else if (event === 'Ice_Config') answers.shift()?.(data.iceServers);
      else program.peer?.receive(event, data);
    };
  });
}

/** A page that speaks Peer2Peer Connector and asks the server for its ICE servers. */
export class ConnectorPage {
  private constructor(
    readonly page: Page,
    readonly id: string,
  ) {}

  static async open(pages: PagePool, server: { readonly url: string; readonly wsUrl: string }): Promise<ConnectorPage> {
    const page = await pages.open(server.url);
    return new ConnectorPage(page, await page.evaluate(install, [server.wsUrl, '/demo/peer.js'] as const));
  }

  /** Asks for ICE servers with `Ice_Config`. */
  iceServers(): Promise<readonly ReceivedServer[]> {
    return this.page.evaluate(() => program.iceServers());
  }

  /** Connects to a client. The polite one of two goes first, and waits for the offer of the other. */
  meet(id: string, role: 'polite' | 'impolite', iceServers: readonly ReceivedServer[]): Promise<void> {
    return this.page.evaluate(([id, role, servers]) => program.meet(id, role === 'polite', servers), [
      id,
      role,
      iceServers,
    ] as const);
  }

  /** Resolves when the data channel is open. */
  async opened(): Promise<void> {
    await this.page.waitForFunction(() => program.peer?.channelState === 'open');
  }

  /** Sends a text over the data channel. */
  async say(text: string): Promise<void> {
    if (!(await this.page.evaluate((text) => program.peer?.say(text), text))) throw new Error('the channel is closed');
  }

  /** Resolves when this text has arrived over the data channel. */
  async hears(text: string): Promise<void> {
    await this.page.waitForFunction((text) => program.texts.includes(text), text);
  }
}
