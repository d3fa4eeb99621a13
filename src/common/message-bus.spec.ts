import { type BusMessage, type BusMessageOf, MessageBus } from './message-bus.js';

/** A bus that hands over what it gets. */
class TestBus extends MessageBus {
  override send(): Promise<boolean> {
    return Promise.resolve(false);
  }

  override nodes(): Promise<string[]> {
    return Promise.resolve(['here']);
  }

  arrive(message: BusMessage): void {
    this.receive(message);
  }

  giveBack(signal: BusMessageOf<'signal'>): void {
    this.returnSignal(signal);
  }
}

const signal: BusMessageOf<'signal'> = {
  version: 1,
  type: 'signal',
  realm: 'r',
  to: 'x',
  signal: { kind: 'offer', from: 's' },
  node: 'there',
  mayWait: true,
  moves: 0,
};

describe('MessageBus', () => {
  it('drops messages of a type without a listener', () => {
    const bus = new TestBus();
    const replies: unknown[] = [];
    bus.onMessage('reply', (message) => replies.push(message));
    bus.arrive(signal);
    expect(replies).toEqual([]);
  });

  it('passes returned signals to their own listener, and reports its errors', () => {
    const bus = new TestBus();
    const [received, returned, errors]: unknown[][] = [[], [], []];
    bus.onMessage('signal', (message) => received?.push(message));
    bus.onError((error) => errors?.push(String(error)));
    bus.onReturned((message) => returned?.push(message));
    bus.giveBack(signal);
    bus.onReturned(() => {
      throw new Error('broken');
    });
    bus.giveBack(signal);
    expect([received, returned, errors]).toEqual([[], [signal], ['Error: broken']]);
  });

  it('is never behind unless an implementation says so', () => {
    expect(new TestBus().isBehind('there')).toBe(false);
  });
});
