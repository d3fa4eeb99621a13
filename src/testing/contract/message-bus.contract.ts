import assert from 'node:assert/strict';
import type { BusMessage, BusMessageOf } from '../../common/message-bus.js';
import { RawJson } from '../../common/raw-json.js';
import { equal, eventually, includes, until } from './expectations.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';

/** Declares the tests of MessageBus. */
export function describeMessageBus(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'MessageBus', open, (it) => {
    declareDelivery(it);
    declareListeners(it);
  });
}

const message = (i: number): BusMessage => ({
  version: 1,
  type: 'signal',
  realm: 'r',
  to: 'x',
  signal: { kind: 'message', from: 's', payload: RawJson.of({ i, text: '€' }) },
  node: 'a',
  mayWait: false,
  moves: 0,
});

function declareDelivery(it: DeclareTest): void {
  it('delivers messages to their node, in order and once', async ({ a, b }) => {
    const received: unknown[] = [];
    b.bus.onMessage('signal', ({ realm, to, signal }) => {
      received.push([realm, to, signal.kind, signal.from, signal.payload?.parse()]);
    });
    a.bus.onMessage('signal', () => received.push('not for a'));
    await Promise.all(Array.from({ length: 200 }, (_, i) => a.bus.send('b', message(i))));
    await until(() => received.length >= 200);
    const expected = Array.from({ length: 200 }, (_, i) => ['r', 'x', 'message', 's', { i, text: '€' }]);
    equal(received, expected);
  });

  it('delivers payload and attachments of a signal byte for byte, even if they are reused meanwhile', async ({
    a,
    b,
  }) => {
    const text = '{"a":1.50,"b":"\\u0000€"}';
    const payload = new RawJson(Buffer.from(text));
    const attachments = [Buffer.from([0, 255, 128]), Buffer.alloc(0), Buffer.from('€')];
    const native = { protocol: 'p', text: '"n€":1' };
    const rest = { kind: 'notice', from: 's', room: '__proto__', type: 't', native } as const;
    const arrived = eventually<BusMessageOf<'roomSignal'>>((resolve) => b.bus.onMessage('roomSignal', resolve));
    const signal = { ...rest, payload, attachments };
    const sent = a.bus.send('b', { version: 1, type: 'roomSignal', realm: '', signal });
    for (const bytes of [payload.bytes, ...attachments]) bytes.fill(7);
    assert.equal(await sent, true);
    const { realm, signal: received } = await arrived;
    assert.equal(realm, '');
    includes(received, rest);
    assert.equal(received.payload?.toString(), text);
    equal(received.attachments?.map((bytes) => bytes.toString('hex')), ['00ff80', '', 'e282ac']); // prettier-ignore
  });

  it('runs no listener of the receiver within the call', async ({ a, b }) => {
    let isSending = false;
    const arrived = eventually<boolean>((resolve) => b.bus.onMessage('signal', () => resolve(isSending)));
    isSending = true;
    const sent = a.bus.send('b', message(0));
    isSending = false;
    assert.equal(await sent, true);
    assert.equal(await arrived, false);
  });

  it('names all nodes, and resolves with false for an unknown one', async ({ a, b }) => {
    assert.equal(await a.bus.send('unknown', message(0)), false);
    for (const { bus } of [a, b]) equal((await bus.nodes()).sort(), ['a', 'b']);
  });
}

function declareListeners(it: DeclareTest): void {
  it('delivers a message only to the listener of its type', async ({ a, b }) => {
    const call = { version: 1, type: 'call', from: 'a', call: 7, method: 'm', argument: { a: [null] } } as const;
    const arrived = eventually((resolve) => b.bus.onMessage('call', resolve));
    b.bus.onMessage('signal', () => {
      throw new Error('not a signal');
    });
    await a.bus.send('b', call);
    equal(await arrived, call);
  });

  it('delivers the next message after a listener throws, and reports the error', async ({ a, b }) => {
    const received: unknown[] = [];
    const errors: unknown[] = [];
    b.bus.onError((error) => errors.push(error));
    b.bus.onMessage('signal', ({ signal }) => {
      const { i } = signal.payload?.parse() as { i: number };
      if (i % 3 === 0) throw new Error(`broken by ${i}`);
      received.push(i);
    });
    const sent = await Promise.all(Array.from({ length: 9 }, (_, i) => a.bus.send('b', message(i))));
    await until(() => received.length >= 6);
    assert.ok(sent.every(Boolean));
    equal(received, [1, 2, 4, 5, 7, 8]);
    equal(errors.map(String), [0, 3, 6].map((i) => `Error: broken by ${i}`)); // prettier-ignore
  });
}
