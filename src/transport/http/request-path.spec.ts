import { internalTarget, pathOf } from './request-path.js';

describe('internalTarget', () => {
  it.each([
    ['/', '/'],
    ['/myapp', '/'],
    ['/myapp/', '/'],
    ['/myapp?a=/myapp//b', '/?a=/myapp//b'],
    ['/myapp/peerjs?id=1', '/peerjs?id=1'],
    ['/peerjs?id=1', '/peerjs?id=1'],
    ['//peerjs', '/peerjs'],
    ['///myapp///peerjs//', '/peerjs/'],
    ['/myapplication/x', '/myapplication/x'],
    ['/MYAPP/x', '/MYAPP/x'],
    ['/x/myapp/y', '/x/myapp/y'],
    ['/myapp/myapp/x', '/myapp/x'],
    ['http://host:1/myapp/demo', 'http://host:1/demo'],
    ['http://host//myapp', 'http://host/'],
    ['/%2F%2Fx//y', '/%2F%2Fx/y'],
    ['*', '*'],
  ])('turns %j into %j', (target, internal) => {
    expect(internalTarget(target, '/myapp')).toBe(internal);
  });

  it('changes only slashes without a prefix', () => {
    expect(internalTarget('/myapp//x?y=//z', '')).toBe('/myapp/x?y=//z');
    expect(internalTarget('/myapp/x', '')).toBe('/myapp/x');
  });
});

describe('pathOf', () => {
  it.each([
    ['/', ''],
    ['/a/?b', '/a'],
    ['http://host/a%20b', '/a b'],
    ['HTTPS://host', ''],
    ['/%zz', '/%zz'],
  ])('reads from %j the path %j', (target, path) => {
    expect(pathOf(target)).toBe(path);
  });
});
