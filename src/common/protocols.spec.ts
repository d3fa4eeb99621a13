import { type Protocol, Protocols } from './protocols.js';

describe('Protocols', () => {
  const quiet: Protocol = { name: 'quiet', accepts: ({ kind }) => kind !== 'message' };
  const protocols = new Protocols();
  protocols.register(quiet);

  it('knows what the clients of each protocol accept', () => {
    expect(protocols.accepts('quiet', { kind: 'message', from: 'ann' })).toBe(false);
    expect(protocols.accepts('quiet', { kind: 'offer', from: 'ann' })).toBe(true);
  });

  it('leaves signals for an unknown protocol to the node of the target', () => {
    expect(protocols.accepts('other', { kind: 'message', from: 'ann' })).toBe(true);
  });

  it('names each protocol once', () => {
    expect(() => protocols.register({ ...quiet })).toThrow('quiet');
    expect(protocols.names).toEqual(['quiet']);
  });
});
