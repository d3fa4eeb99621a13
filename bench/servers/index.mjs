/** The servers of the benchmark, and how to start them. */
import { fileURLToPath } from 'node:url';
import { PUBLIC_KEY_FILE } from '../keys.mjs';
import { NEST_GATEWAY } from './prepare.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

// Limits that the load would reach are raised above it. Everything else is the default configuration.
export const SIGNALBOX = [
  path('../../dist/main.js'),
  ...['--frames-per-second', '1000000', '--frame-burst', '1000000'],
  ...['--concurrent-limit', '20000', '--easyrtc-max-room-members', '1000'],
];

// Without bufferutil, which `npm install` of these packages does not install either.
const reference = (file) => ({ args: [file], env: { WS_NO_BUFFER_UTIL: '1' } });

const signalbox = { args: SIGNALBOX, env: {} };
const auth = { mode: 'jwt', jwt: { publicKeyFile: PUBLIC_KEY_FILE } };
const verifying = { args: [...SIGNALBOX, '--auth', JSON.stringify(auth)], env: {} };

/** Each server with its load client. Those without one report the cost of their start. */
export const SERVERS = {
  'ours, Connector': { ...signalbox, client: 'connector' },
  'ours, PeerJS': { ...signalbox, client: 'peerjs' },
  'ours, EasyRTC': { ...signalbox, client: 'easyrtc' },
  'ours, verified': { ...verifying, client: 'verified' },
  'ours, in rooms': { ...verifying, client: 'member' },
  'ours, restricted': { ...verifying, client: 'restricted' },
  'plain ws': { ...reference(path('plain-ws.mjs')), client: 'connector' },
  'spliced ws': { ...reference(path('spliced-ws.mjs')), client: 'connector' },
  'plain ws room': { ...reference(path('plain-ws-room.mjs')), client: 'connector' },
  'NestJS gateway': { ...reference(NEST_GATEWAY), client: 'nest' },
  peer: { ...reference(path('peer.mjs')), client: 'peerjs' },
  'empty Nest': reference(path('empty-nest.mjs')),
  'ours, PeerJS alone': { args: [path('peerjs-alone.mjs')], env: {} },
  'open-easyrtc': { ...reference(path('open-easyrtc.mjs')), client: 'easyrtc' },
};
