import { isPeerJsPath, isPeerJsRoute, mayBePeerJsPath, mayBePeerJsRoute } from './peerjs.path.js';

const isKey = (key: string): boolean => key === 'k';

describe('paths of PeerJS at the root', () => {
  it.each([
    // path, shared, answered first, shared and answered if the application has no route
    ['', false, false, true, true],
    ['/k/id', true, true, true, true],
    ['/k/PEERS', true, true, true, true],
    ['/k/id/more', true, false, false, false],
    ['/k/other', true, false, false, false],
    ['/k/alice/token/offer', true, false, true, false],
    ['/wrong/id', false, false, true, true],
    ['/wrong/alice/token/offer', false, false, true, false],
    ['/peerjs', true, false, false, false],
    ['/id', false, false, false, false],
    ['//id', false, false, false, false],
    ['/users', false, false, false, false],
    ['/users/1', false, false, false, false],
  ])('%j', (path, isShared, isFirst, mayBeShared, mayBeOurs) => {
    expect([
      isPeerJsPath('', isKey)(path),
      isPeerJsRoute('', isKey)(path),
      mayBePeerJsPath(path),
      mayBePeerJsRoute(path),
    ]).toEqual([isShared, isFirst, mayBeShared, mayBeOurs]);
  });
});

describe('paths of PeerJS below a path', () => {
  it.each([
    ['/my/app', true, true],
    ['/my/app/k/id', true, true],
    ['/MY/APP/wrong/peers', true, true],
    ['/my/app/id', true, false],
    ['/my/app/k/id/more', true, false],
    ['/my/application/k/id', false, false],
    ['/k/id', false, false],
    ['', false, false],
  ])('%j', (path, isShared, isFirst) => {
    expect([isPeerJsPath('/my/app', isKey)(path), isPeerJsRoute('/my/app', isKey)(path)]).toEqual([isShared, isFirst]);
  });
});
