import { becomes } from './becomes.js';
import type { ConnectorClient } from './connector-client.js';
import type { EasyRtcClient, Received } from './easyrtc-client.js';
import type { PeerJsSocket } from './peerjs-socket.js';

const PERIOD_MS = 50;

/** Numbered messages from one client to another. A sender has only one stream. */
export abstract class Stream {
  sent = 0;

  send(): void {
    this.write(this.sent++);
  }

  /** Returns the received numbers in order of arrival. */
  abstract arrived(): number[];

  /** Returns how many messages the server has reported to the sender as undelivered. */
  abstract refused(): number;

  /** Closes both clients. */
  abstract end(): Promise<unknown>;

  protected abstract write(number: number): void;
}

export class ConnectorStream extends Stream {
  constructor(
    private readonly from: ConnectorClient,
    private readonly to: ConnectorClient,
  ) {
    super();
  }

  arrived(): number[] {
    return this.to.frames.filter(({ from }) => from === this.from.id).map(({ data }) => data as number);
  }

  refused(): number {
    return this.from.frames.filter(({ type }) => type === 'error').length;
  }

  end(): Promise<unknown> {
    return Promise.all([this.from.close(), this.to.close()]);
  }

  protected write(data: number): void {
    this.from.send({ event: 'Message', to: this.to.id, data });
  }
}

/** A PeerJS stream. The server reports messages that expire together once. */
export class PeerJsStream extends Stream {
  constructor(
    private readonly from: PeerJsSocket,
    private readonly to: PeerJsSocket,
  ) {
    super();
  }

  arrived(): number[] {
    return this.to.messages.filter(({ src }) => src === this.from.id).map(({ payload }) => payload as number);
  }

  refused(): number {
    return this.from.messages.filter(({ type, src }) => type === 'EXPIRE' && src === this.to.id).length;
  }

  end(): Promise<unknown> {
    return Promise.all([this.from.close(), this.to.close()]);
  }

  protected write(payload: number): void {
    this.from.send({ type: 'OFFER', dst: this.to.id, payload });
  }
}

export class EasyRtcStream extends Stream {
  private errors = 0;

  constructor(
    private readonly from: EasyRtcClient,
    private readonly to: EasyRtcClient,
  ) {
    super();
  }

  arrived(): number[] {
    const messages = this.to.arrivals.map(({ message }) => message);
    return messages.filter(({ senderEasyrtcid: id }) => id === this.from.id).map(({ msgData }) => msgData as number);
  }

  /** Reported in the answer or, for a message to a node that died, later. */
  refused(): number {
    const later = this.from.arrivals.filter(
      ({ event, message }) => event === 'easyrtcCmd' && message.msgType === 'error',
    );
    return this.errors + later.length;
  }

  end(): Promise<unknown> {
    return Promise.all([this.from.close(), this.to.close()]);
  }

  protected write(msgData: number): void {
    const message = { msgType: 'message', targetEasyrtcid: this.to.id, msgData };
    this.from.send('easyrtcMsg', message, ({ msgType }: Received) => {
      if (msgType === 'error') this.errors++;
    });
  }
}

/** Sends on all streams repeatedly until `scene` ends. */
export async function during<T>(streams: readonly Stream[], scene: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => streams.forEach((stream) => stream.send()), PERIOD_MS);
  try {
    return await scene();
  } finally {
    clearInterval(timer);
  }
}

/** Waits until everything has arrived, once and in order, and checks that clients received nothing else. */
export async function haveAllCome(streams: readonly Stream[]): Promise<void> {
  const seen = () => streams.map((stream) => [stream.constructor.name, stream.refused(), ...stream.arrived()]);
  const wanted = streams.map(({ constructor, sent }) => [constructor.name, 0, ...Array(sent).keys()]);
  expect(Math.min(...streams.map(({ sent }) => sent))).toBeGreaterThan(0);
  await becomes(seen, wanted);
}
