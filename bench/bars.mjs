/** The bars: a figure of ours, that of a reference, and the maximum of their ratio or difference. */

const RATIO = { of: (ours, reference) => ours / reference, show: (value) => value };
const DIFFERENCE = { of: (ours, reference) => ours - reference, show: (value) => `${value} more` };
const ITSELF = { of: (ours) => ours, show: (value) => value };

const MESSAGES = ['offer', 'candidate'];

/** A bar without `atMost` is only printed. */
export const BARS = [
  ...relays('Connector', 'plain ws', { bursts: [0.45, 0.65], sparse: [0.65, 0.9] }),
  ...relays('Connector', 'spliced ws'),
  ...relays('Connector', 'NestJS gateway'),
  ...relays('PeerJS', 'peer', { bursts: [0.45, 0.7], sparse: [0.65, 0.95] }),
  ...relays('EasyRTC', 'open-easyrtc', { bursts: [0.55, 0.55], sparse: [0.6, 0.6] }),
  ...idle('RSS bytes', DIFFERENCE, 'plain ws', 2048),
  ...idle('CPU us until ready', RATIO, 'plain ws', 1.3),
  bar('verified connects', 'CPU us until ready', 'verified', 'ours, Connector', RATIO, 1.5),
  ...MESSAGES.map((message) => bar(`signal: rooms, ${message}`, 'CPU us', 'restricted', 'ours, in rooms', RATIO)),
  bar('start', 'CPU ms until it listens', 'PeerJS alone', 'empty Nest', RATIO, 1.5),
  bar('room of 500', 'CPU us for each delivery', 'Connector', 'plain ws room', RATIO, 0.75),
  bar('room of 500', 'CPU us for each delivery', 'EasyRTC', 'open-easyrtc', RATIO),
  ...['Connector', 'PeerJS', 'EasyRTC'].flatMap((ours) => paced(ours, 'plain ws', 1.2)),
  ...paced('PeerJS', 'peer'),
  ...paced('EasyRTC', 'open-easyrtc'),
  ...MESSAGES.flatMap(redis),
  ...['Overview', 'Clients', 'Live'].map((ours) => ({
    scenario: 'console',
    figure: 'p99 ms',
    ours,
    reference: 'no console',
    compare: RATIO,
    atMost: 1.1,
  })),
];

function relays(ours, reference, { bursts = [], sparse = [] } = {}) {
  const atMost = { bursts, sparse };
  return ['bursts', 'sparse'].flatMap((load) =>
    MESSAGES.map((message, i) => bar(`${load}, ${message}`, 'CPU us', ours, reference, RATIO, atMost[load][i])),
  );
}

function idle(figure, compare, reference, atMost) {
  return [
    ...['Connector', 'PeerJS'].map((ours) => bar('idle connections', figure, ours, reference, compare, atMost)),
    bar('idle connections', figure, 'PeerJS', 'peer', compare),
    bar('idle connections', figure, 'EasyRTC', 'open-easyrtc', compare),
  ];
}

function paced(ours, reference, atMost) {
  return MESSAGES.map((message) => bar(`5000/s, ${message}`, 'p99 ms', ours, reference, RATIO, atMost));
}

/** With two nodes: pairs on different nodes compared with pairs on one node. */
function redis(message) {
  const row = (load, figure, compare, atMost) => {
    const scenario = `Redis, ${load}, ${message}`;
    return { scenario, figure, ours: 'two nodes', reference: 'one node', compare, atMost };
  };
  return [
    row('2000/s', 'nodes us', DIFFERENCE, 25),
    row('bursts', 'nodes us', DIFFERENCE, 25),
    row('2000/s', 'p99 ms', ITSELF, 10),
  ];
}

function bar(scenario, figure, ours, reference, compare, atMost) {
  return { scenario, figure, ours: `ours, ${ours}`, reference, compare, atMost };
}
