import * as original from 'peer';
import * as ours from 'signalbox/peer';

// The compiler checks that what a program has written with the types of npm `peer` still fits, and what it gets does, too.
const FITS = {
  options: (options: Partial<original.IConfig>): ours.PeerServerOptions => options,
  given: (client: ours.IClient): original.IClient => client,
  taken: (client: original.IClient): ours.IClient => client,
  message: ({ src, dst, payload }: ours.IMessage): Omit<original.IMessage, 'type'> => ({ src, dst, payload }),
  express: ours.ExpressPeerServer satisfies (
    server: Parameters<typeof original.ExpressPeerServer>[0],
    options?: Partial<original.IConfig>,
  ) => object,
  standAlone: ours.PeerServer satisfies (
    options?: Partial<original.IConfig>,
    callback?: Parameters<typeof original.PeerServer>[1],
  ) => object,
};

describe('the exports of signalbox/peer', () => {
  it('include all of npm peer', () => {
    expect(Object.keys(original).sort()).toEqual(['ExpressPeerServer', 'PeerServer']);
    expect(Object.keys(ours)).toEqual(expect.arrayContaining(Object.keys(original)));
    expect(FITS.express).toBe(ours.ExpressPeerServer);
  });
});
