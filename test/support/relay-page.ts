import type { Page } from 'playwright-core';
import type { ReceivedServer } from './turn-credentials.js';

interface Candidate {
  readonly type: string;
}

interface Connection {
  onicecandidate: ((event: { readonly candidate: Candidate | null }) => void) | null;
  createDataChannel(label: string): unknown;
  setLocalDescription(): Promise<void>;
  close(): void;
}

declare const RTCPeerConnection: new (configuration: object) => Connection;

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
