// The entry `signalbox/testing`: a server for tests, clients of the protocols, and the contracts of the ports.
export { describeBackplane } from '../testing/contract/backplane.contract.js';
export { describeClientDirectory } from '../testing/contract/client-directory.contract.js';
export { describeContracts } from '../testing/contract/contracts.js';
export { describeEventCursors } from '../testing/contract/event-cursors.contract.js';
export { describeEventJournal } from '../testing/contract/event-journal.contract.js';
export { describeMessageBus } from '../testing/contract/message-bus.contract.js';
export { describeOfflineQueue } from '../testing/contract/offline-queue.contract.js';
export { describeRoomStore } from '../testing/contract/room-store.contract.js';
export type { NodePorts, OpenNodes, TestRunner, TwoNodes } from '../testing/contract/suite.js';
export { ConnectorTestClient, type ConnectorFrame } from '../testing/clients/connector-test-client.js';
export {
  EasyRtcTestClient,
  type EasyRtcMessage,
  type EasyRtcTestClientOptions,
} from '../testing/clients/easyrtc-test-client.js';
export {
  PeerJsTestClient,
  type PeerJsMessage,
  type PeerJsTestClientOptions,
} from '../testing/clients/peerjs-test-client.js';
export type { Closed, ConnectionOptions } from '../testing/clients/test-socket.js';
export { createTestServer, type TestServer } from '../testing/test-server.js';
