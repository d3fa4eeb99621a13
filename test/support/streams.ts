import { becomes } from './becomes.js';
import type { ConnectorClient } from './connector-client.js';
import type { EasyRtcClient, Received } from './easyrtc-client.js';
import type { PeerJsSocket } from './peerjs-socket.js';

const PERIOD_MS = 50;

/** Numbered messages from one client to another one. A sender has one stream only. */
export abstract class Stream {
  sent = 0;

  send(): void {
    this.write(this.sent++);
  }

  /** The numbers that have come, as they came. */
  abstract arrived(): number[];

  /** How often the sender was told that something did not come. */
  abstract refused(): number;

  /** Ends both clients. */
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

/** Whatever expires at once is told once. */
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

  /** In the answer, or, if it was sent to a node that died, later on. */
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

/** Sends on all of them, time and again, as long as something else goes on. */
export async function during<T>(streams: readonly Stream[], scene: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => streams.forEach((stream) => stream.send()), PERIOD_MS);
  try {
    return await scene();
  } finally {
    clearInterval(timer);
  }
}

/** Waits until all that was sent has come, once and in order, and nobody was told anything else. */
export async function haveAllCome(streams: readonly Stream[]): Promise<void> {
  const seen = () => streams.map((stream) => [stream.constructor.name, stream.refused(), ...stream.arrived()]);
  const wanted = streams.map(({ constructor, sent }) => [constructor.name, 0, ...Array(sent).keys()]);
  expect(Math.min(...streams.map(({ sent }) => sent))).toBeGreaterThan(0);
  await becomes(seen, wanted);
}
