import { Option } from '../option.js';
import { Flag, IceServers, Integer, MountPath, OneOf, TextMap } from '../rules.js';
import { DAY_MS, MILLION } from '../units.js';
import type { ConfiguredIceServer } from './ice.options.js';

const ROOM_LISTS = ['all', 'joined', 'none'] as const;

/** Options of the EasyRTC protocol. */
export class EasyRtcOptions {
  @Option(
    'EasyRTC applications, each with the realm of its clients. If empty, any application is accepted, with its name as the realm.',
    {
      section: 'EasyRTC',
    },
  )
  @TextMap({ maxItems: 1000, maxLength: 128 })
  readonly easyrtcApplications: ReadonlyMap<string, string> = new Map();

  @Option('Path of the socket.io endpoint and its client library.')
  @MountPath()
  readonly socketIoPath: string = '/socket.io';

  @Option('Path of the EasyRTC client library.')
  @MountPath()
  readonly easyrtcPath: string = '/easyrtc';

  @Option('Whether a client may create a room by joining it. The room "default" can always be created.')
  @Flag()
  readonly easyrtcAutoCreateRooms: boolean = true;

  @Option(
    'Rooms in the answer to a room list request: all rooms of the application, those that the client has joined, or none.',
  )
  @OneOf(...ROOM_LISTS)
  readonly easyrtcRoomList: (typeof ROOM_LISTS)[number] = 'all';

  @Option('Maximum number of clients in a room that an EasyRTC client joins.', { unit: 'clients', reloadable: true })
  @Integer(1, MILLION)
  readonly easyrtcMaxRoomMembers: number = 100;

  @Option('Time within which a connection must log in.', { unit: 'ms', reloadable: true })
  @Integer(1, DAY_MS)
  readonly loginTimeoutMs: number = 10_000;

  @Option('ICE servers sent to EasyRTC clients.', { secret: ['credential'], reloadable: true })
  @IceServers()
  readonly iceServers: readonly ConfiguredIceServer[] = [{ urls: ['stun:stun.l.google.com:19302'] }];
}
