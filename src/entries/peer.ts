// `signalbox/peer`: the server of npm `peer`, for programs that change their import line.
export { ExpressPeerServer, PeerServer } from '../peer/peer-server.js';
export {
  type AddedOptions,
  type IClient,
  type IConfig,
  type IMessage,
  MessageType,
  type PeerHttpServer,
  type PeerServerApp,
  type PeerServerEvents,
  type PeerServerOptions,
} from '../peer/peer.types.js';
