import type { Page } from 'playwright-core';
import type { ReceivedServer } from './turn-credentials.js';

interface Candidate {
  readonly type: string;
}

interface Statistics {
  readonly type: string;
  readonly selectedCandidatePairId?: string;
  readonly localCandidateId?: string;
  readonly candidateType?: string;
  readonly port?: number;
}

interface Connection {
  readonly connectionState: string;
  onicecandidate: ((event: { readonly candidate: Candidate | null }) => void) | null;
  createDataChannel(label: string): unknown;
  setConfiguration(configuration: object): void;
  setLocalDescription(): Promise<void>;
  restartIce(): void;
  getStats(): Promise<ReadonlyMap<string, Statistics>>;
  close(): void;
}

/** The end of a connection in a page: the type of the candidate that it uses, and its port. */
export interface Route {
  readonly type?: string;
  readonly port?: number;
}

declare let RTCPeerConnection: new (configuration: object, ...rest: unknown[]) => Connection;
declare const ofRelays: Connection[];

/** Gathers candidates of relays in a page. Returns their types, none if the TURN server refuses the credentials. */
export function gatherRelays(page: Page, iceServers: readonly ReceivedServer[]): Promise<string[]> {
  return page.evaluate(async (iceServers) => {
    const connection = new RTCPeerConnection({ iceServers, iceTransportPolicy: 'relay' });
    const types: string[] = [];
    const complete = new Promise<void>((resolve) => {
      connection.onicecandidate = ({ candidate }) => {
        if (candidate) types.push(candidate.type);
        else resolve();
      };
    });
    connection.createDataChannel('any');
    await connection.setLocalDescription();
    await complete;
    connection.close();
    return types;
  }, iceServers);
}

/** Lets all further connections of a page use relays alone, whatever its program asks for. */
export function forceRelays(page: Page): Promise<void> {
  return page.evaluate(() => {
    const connections: Connection[] = [];
    RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration: object, ...rest: unknown[]) {
        super({ ...configuration, iceTransportPolicy: 'relay' }, ...rest);
        connections.push(this);
      }
    };
    Object.assign(globalThis, { ofRelays: connections });
  });
}

/** Returns the route of the newest connection since `forceRelays`. */
export function routeOf(page: Page): Promise<Route> {
  return page.evaluate(async () => {
    const statistics = (await ofRelays.at(-1)?.getStats()) ?? new Map<string, Statistics>();
    const transport = [...statistics.values()].find(({ type }) => type === 'transport');
    const pair = statistics.get(transport?.selectedCandidatePairId ?? '');
    const candidate = statistics.get(pair?.localCandidateId ?? '');
    return { type: candidate?.candidateType, port: candidate?.port };
  });
}

/** Gives the newest connection since `forceRelays` other servers. They are used from its next ICE restart. */
export function replaceServers(page: Page, iceServers: readonly ReceivedServer[]): Promise<void> {
  return page.evaluate((iceServers) => {
    ofRelays.at(-1)?.setConfiguration({ iceServers, iceTransportPolicy: 'relay' });
  }, iceServers);
}

/** Restarts ICE of the newest connection since `forceRelays`. Its program has to negotiate. */
export function restartIce(page: Page): Promise<void> {
  return page.evaluate(() => ofRelays.at(-1)?.restartIce());
}
