import { Client } from '../../clients/client.js';
import type { Identity } from '../../common/identity.js';
import type { RoomChange } from '../../common/room.js';
import type { Signal } from '../../common/signal.js';
import type { SocketIoConnection } from '../../transport/socket-io/socket-io.connection.js';
import type { EasyRtcCodec, Emission } from './easyrtc.codec.js';
import { invalidRequest } from './easyrtc.errors.js';
import type { EasyRtcPeer } from './easyrtc.hooks.js';
import { isEndFor, type Presence, type Shown } from './easyrtc.room-data.js';
import type { EasyRtcSession } from './easyrtc.session.js';

/** Maximum length of the API fields of one client in all its rooms together. */
const MAX_API_FIELDS_LENGTH = 65_536;

/**
 * A client that speaks EasyRTC. The server generates its id, unless its token gives it one. Only clients of the same user
 * take the id over.
 */
export class EasyRtcClient extends Client<EasyRtcCodec, SocketIoConnection<EasyRtcSession>> {
  username?: string;
  presence: Presence = { show: 'chat', status: null };
  /** Names of its groups, from its authentication. */
  groups: readonly string[] = [];
  /** The JSON text of its API fields, by room. */
  private readonly apiFields = new Map<string, string>();

  constructor(
    id: string,
    realm: string,
    codec: EasyRtcCodec,
    connection: SocketIoConnection<EasyRtcSession>,
    /** The name under which the protocol knows the realm. */
    public application: string,
    identity?: Identity,
  ) {
    super(id, realm, codec, connection, undefined, identity);
  }

  /** Returns the data of the client that hooks may see. */
  get peer(): EasyRtcPeer {
    const { id, application, username, groups, address } = this;
    return { id, application, username, groups, address };
  }

  /** Updates the members of the presence that are given. */
  setPresence({ show = this.presence.show, status = this.presence.status }: Partial<Presence>): void {
    this.presence = { show, status };
  }

  /** Returns the attributes that a room shows of the client. */
  attributesIn(room: string): Shown {
    const { username, presence } = this;
    return { presence, apiField: this.apiFields.get(room), username };
  }

  /**
   * Replaces the API fields of a room. They are kept as text: parsed, they may take twenty times the memory.
   * @param text their JSON text
   * @throws DomainError INVALID_REQUEST if the fields of all rooms together are too large
   */
  setApiFields(room: string, text: string): void {
    const before = this.apiFields.get(room)?.length ?? 0;
    const lengths = [...this.apiFields.values()].reduce((sum, { length }) => sum + length, 0);
    if (lengths - before + text.length > MAX_API_FIELDS_LENGTH) {
      throw invalidRequest('MSG_REJECT_BAD_SIZE', 'too many API fields');
    }
    this.apiFields.set(room, text);
  }

  /** Drops the API fields of a room that the client has left. */
  forgetApiFields(room: string): void {
    this.apiFields.delete(room);
  }

  override get keptBytes(): number {
    let bytes = super.keptBytes;
    for (const text of this.apiFields.values()) bytes += text.length;
    return bytes;
  }

  protected override write(signal: Signal): void {
    this.emit(this.codec.encodeSignal(signal, this.id), signal.kind);
  }

  protected override writeChanges(changes: readonly RoomChange[]): number {
    for (const change of changes) if (isEndFor(change, this.id)) this.forgetApiFields(change.room.id);
    const emission = this.codec.encodeRoomChanges(changes, this.id);
    return emission ? this.emit(emission, 'room') : 0;
  }

  private emit(emission: Emission, kind: string): number {
    return this.connection.emit(emission.name, emission, kind);
  }
}
