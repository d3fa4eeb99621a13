/** The servers that the benchmark compares: how each is started. All speak Peer2Peer Connector. */
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

export const SERVERS = {
  // Limits that the load itself would trip are set above it; everything else is the default configuration.
  signalbox: {
    args: [path('../../dist/main.js'), '--frames-per-second', '1000000', '--frame-burst', '1000000'],
    env: {},
  },
  // Without bufferutil, as it is installed by `npm install ws`.
  'plain ws': { args: [path('./plain-ws.mjs')], env: { WS_NO_BUFFER_UTIL: '1' } },
};
