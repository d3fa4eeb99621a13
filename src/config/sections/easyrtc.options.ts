import { Option } from '../option.js';
import { Flag, IceServers, Integer, MountPath, OneOf, TextMap } from '../rules.js';
import { DAY_MS, MILLION } from '../units.js';

/** A STUN or TURN server as browsers take it (RTCIceServer). */
export interface IceServer {
  readonly urls: string | readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

const ROOM_LISTS = ['all', 'joined', 'none'] as const;

/** Options of the EasyRTC protocol. */
export class EasyRtcOptions {
  @Option(
    'Applications that are served, each with the realm of its clients; if empty, any is, and its name is its realm.',
    {
      section: 'EasyRTC',
    },
  )
  @TextMap({ maxItems: 1000, maxLength: 128 })
  readonly easyrtcApplications: ReadonlyMap<string, string> = new Map();

  @Option('Path of socket.io, with which its clients connect, and of its library.')
  @MountPath()
  readonly socketIoPath: string = '/socket.io';

  @Option('Path of the client library.')
  @MountPath()
  readonly easyrtcPath: string = '/easyrtc';

  @Option('Whether a client may make rooms by joining them; the room "default" is always made.')
  @Flag()
  readonly easyrtcAutoCreateRooms: boolean = true;

  @Option(
    'Rooms that a client hears of when it asks for a list: all of its application, those that it has joined, or none.',
  )
  @OneOf(...ROOM_LISTS)
  readonly easyrtcRoomList: (typeof ROOM_LISTS)[number] = 'all';

  @Option('Clients that may be in one room for an EasyRTC client to join it.', { unit: 'clients' })
  @Integer(1, MILLION)
  readonly easyrtcMaxRoomMembers: number = 100;

  @Option('Time that a connection has to log in.', { unit: 'ms' })
  @Integer(1, DAY_MS)
  readonly loginTimeoutMs: number = 10_000;

  @Option('ICE servers that are handed out to clients.', { secret: 'credential' })
  @IceServers()
  readonly iceServers: readonly IceServer[] = [{ urls: ['stun:stun.l.google.com:19302'] }];
}
