import { Option } from '../option.js';
import { Integer } from '../rules.js';
import { DAY_MS, KIB, MIB, GIB, MILLION } from '../units.js';

/** `maxConnectionsPerIp`, if nobody sets it: the only value that spares local addresses. */
export const DEFAULT_CONNECTIONS_PER_IP = 256;

/** Bounds on what clients may use. */
export class LimitOptions {
  @Option('Largest frame that is accepted from a client.', { section: 'Limits', unit: 'bytes' })
  @Integer(KIB, 256 * MIB)
  readonly maxFrameBytes: number = MIB;

  @Option('Fragments that one message may come in.', { unit: 'fragments' })
  @Integer(1, MILLION)
  readonly maxFragments: number = 64;

  @Option('Connections that this node accepts.', { unit: 'connections' })
  @Integer(1, 10 * MILLION)
  readonly maxConnections: number = 20_000;

  @Option(
    'Connections that this node accepts from one IP address, or from one /64 of IPv6; 0 is no limit. The default spares loopback and private addresses, behind which a proxy may stand that proxied does not name; any other number is for all addresses.',
    { unit: 'connections' },
  )
  @Integer(0, 10 * MILLION)
  readonly maxConnectionsPerIp: number = DEFAULT_CONNECTIONS_PER_IP;

  @Option('Time that a connection has to complete its WebSocket handshake.', { unit: 'ms' })
  @Integer(1, DAY_MS)
  readonly upgradeTimeoutMs: number = 10_000;

  @Option('Time that a message may take to arrive as a whole, and that an answer over HTTP may lie unread.', {
    unit: 'ms',
  })
  @Integer(1, DAY_MS)
  readonly stallTimeoutMs: number = 10_000;

  @Option('Rooms that may exist at the same time.', { unit: 'rooms' })
  @Integer(1, 100 * MILLION)
  readonly maxRooms: number = 100_000;

  @Option(
    'Share of maxRooms, maxQueued and maxQueuedBytes that one IP address, or one /64 of IPv6, may take; 100 is no limit. Loopback and private addresses are spared, behind which a proxy may stand that proxied does not name.',
    { unit: 'percent' },
  )
  @Integer(1, 100)
  readonly maxSharePerAddress: number = 10;

  @Option('Rooms created by one client that may exist at the same time.', { unit: 'rooms' })
  @Integer(1, MILLION)
  readonly maxRoomsCreatedPerClient: number = 100;

  @Option('Rooms that one client may be in at the same time.', { unit: 'rooms' })
  @Integer(1, MILLION)
  readonly maxRoomsJoinedPerClient: number = 100;

  @Option('Clients that may be in one room.', { unit: 'clients' })
  @Integer(1, MILLION)
  readonly maxRoomMembers: number = 1000;

  @Option('Length of client ids, room ids and realm names.', { unit: 'characters' })
  @Integer(36, 4096)
  readonly maxIdLength: number = 128;

  @Option('Length of the display name of a room.', { unit: 'characters' })
  @Integer(1, 65_536)
  readonly maxNameLength: number = 256;

  @Option(
    'Rate of frames that one connection may keep up. What costs more than a small frame counts as several; beyond rate and burst the sender is delayed, then closed.',
    { unit: 'frames per second' },
  )
  @Integer(1, MILLION)
  readonly framesPerSecond: number = 200;

  @Option('Frames that one connection may send at once after a pause.', { unit: 'frames' })
  @Integer(1, MILLION)
  readonly frameBurst: number = 1000;

  @Option('Data that may wait to be written to one socket; a client that reads slower is closed.', { unit: 'bytes' })
  @Integer(KIB, GIB)
  readonly maxBufferedBytes: number = MIB;

  @Option(
    'Memory that clients may hold in all: data that waits to be written, unfinished messages, signals that wait, what clients show of themselves. Above it newcomers are refused, and the connections that hold most are closed.',
    { unit: 'bytes' },
  )
  @Integer(KIB, 1024 * GIB)
  readonly maxHeldBytes: number = 256 * MIB;

  @Option(
    'Share of what may wait for one client, connected or absent, that one sender may fill; of what may wait for an absent one, all senders of an IP address that maxSharePerAddress counts, too. What is more comes back to the sender. 100 is no limit.',
    { unit: 'percent' },
  )
  @Integer(1, 100)
  readonly maxSharePerSender: number = 50;
}
