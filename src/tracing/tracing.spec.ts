import { Tracing } from './tracing.js';

describe('without an SDK, Tracing', () => {
  it('does the work, and nothing else', async () => {
    const tracing = await Tracing.create('node-1');
    const work = Promise.resolve(7);
    expect([tracing.isOn, tracing.headers()]).toEqual([false, {}]);
    expect(tracing.span('connect', {}, () => work)).toBe(work);
    const error = new Error('from the work');
    expect(() => tracing.span('connect', {}, () => throws(error))).toThrow(error);
    tracing.annotate({ 'signalbox.realm': 'default' });
    tracing.child('backplane clients.find', {}, performance.now(), work);
  });
});

function throws(error: Error): never {
  throw error;
}
