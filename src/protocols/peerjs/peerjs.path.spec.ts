import { isPeerJsPath, isPeerJsRequest, isPeerJsRoute, mayBePeerJsPath, mayBePeerJsRoute } from './peerjs.path.js';

const isKey = (key: string): boolean => key === 'k';

describe('paths of PeerJS at the root', () => {
  it.each([
    // path, shared, shared first, answered first, shared and answered if the application has no route
    ['', false, false, false, true, true],
    ['/k/id', true, true, true, true, true],
    ['/k/PEERS', true, true, true, true, true],
    ['/k/id/more', true, false, false, false, false],
    ['/k/other', true, false, false, false, false],
    ['/k/alice/token/offer', true, true, false, true, false],
    ['/wrong/id', false, false, false, true, true],
    ['/wrong/alice/token/offer', false, false, false, true, false],
    ['/peerjs', true, false, false, false, false],
    ['/id', false, false, false, false, false],
    ['//id', false, false, false, false, false],
    ['/users', false, false, false, false, false],
    ['/users/1', false, false, false, false, false],
  ])('%j', (path, isShared, isSharedFirst, isFirst, mayBeShared, mayBeOurs) => {
    expect([
      isPeerJsPath('', isKey)(path),
      isPeerJsRequest('', isKey)(path),
      isPeerJsRoute('', isKey)(path),
      mayBePeerJsPath(path),
      mayBePeerJsRoute(path),
    ]).toEqual([isShared, isSharedFirst, isFirst, mayBeShared, mayBeOurs]);
  });
});

describe('paths of PeerJS below a path', () => {
  it.each([
    ['/my/app', true, true, true],
    ['/my/app/k/id', true, true, true],
    ['/MY/APP/wrong/peers', true, true, true],
    ['/my/app/k/alice/token/LEAVE', true, true, false],
    ['/my/app/id', true, false, false],
    ['/my/app/k/id/more', true, false, false],
    ['/my/application/k/id', false, false, false],
    ['/my/application/k/alice/token/id', false, false, false],
    ['/k/id', false, false, false],
    ['', false, false, false],
  ])('%j', (path, isShared, isSharedFirst, isFirst) => {
    expect([
      isPeerJsPath('/my/app', isKey)(path),
      isPeerJsRequest('/my/app', isKey)(path),
      isPeerJsRoute('/my/app', isKey)(path),
    ]).toEqual([isShared, isSharedFirst, isFirst]);
  });
});
