import { Client } from '../../clients/client.js';
import type { RoomChange } from '../../common/room.js';
import type { Signal } from '../../common/signal.js';
import type { SocketIoConnection } from '../../transport/socket-io/socket-io.connection.js';
import type { EasyRtcCodec, Emission } from './easyrtc.codec.js';
import { invalidRequest } from './easyrtc.errors.js';
import { isEndFor, type Presence, type Shown } from './easyrtc.room-data.js';
import type { EasyRtcSession } from './easyrtc.session.js';

/** Length of the API fields of one client in all its rooms together. */
const MAX_API_FIELDS_LENGTH = 65_536;

/** A client that speaks EasyRTC. The server generates its id, which cannot be taken over. */
export class EasyRtcClient extends Client<EasyRtcCodec, SocketIoConnection<EasyRtcSession>> {
  username?: string;
  presence: Presence = { show: 'chat', status: null };
  /** Names of the groups that its authentication has put it into. */
  groups: readonly string[] = [];
  /** What it shows of itself in each room, where it does: the JSON of its API fields. */
  private readonly apiFields = new Map<string, string>();

  constructor(
    id: string,
    realm: string,
    codec: EasyRtcCodec,
    connection: SocketIoConnection<EasyRtcSession>,
    /** The realm's name in the protocol's words. */
    public application: string,
  ) {
    super(id, realm, codec, connection);
  }

  /**
   * Asks a hook, and gives up when the client goes.
   * @throws DomainError NOT_AUTHORIZED
   */
  ask<T>(hook: () => T | Promise<T>): Promise<T> {
    return this.connection.whileOpen(hook);
  }

  /** Takes what a presence names; what it does not name stays. */
  setPresence({ show = this.presence.show, status = this.presence.status }: Partial<Presence>): void {
    this.presence = { show, status };
  }

  /** What a room shows of it. */
  attributesIn(room: string): Shown {
    const { username, presence } = this;
    return { presence, apiField: this.apiFields.get(room), username };
  }

  /**
   * Replaces all API fields of a room. They are kept as text: parsed, they may take twenty times the memory.
   * @param text their JSON
   * @throws DomainError INVALID_REQUEST if those of all rooms together are too large
   */
  setApiFields(room: string, text: string): void {
    const before = this.apiFields.get(room)?.length ?? 0;
    const lengths = [...this.apiFields.values()].reduce((sum, { length }) => sum + length, 0);
    if (lengths - before + text.length > MAX_API_FIELDS_LENGTH) {
      throw invalidRequest('MSG_REJECT_BAD_SIZE', 'too many API fields');
    }
    this.apiFields.set(room, text);
  }

  /** Forgets the API fields of a room that it has left. */
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
