import { Injectable } from '@nestjs/common';
import type { EndReason, Goodbye } from '../../common/end-reason.js';
import type { Identity } from '../../common/identity.js';
import type { RequestSource } from '../../common/request-source.js';
import { EasyRtcOptions } from '../../config/sections/easyrtc.options.js';
import { Log } from '../../logging/log.js';
import { PresenceService } from '../../signaling/presence.service.js';
import type { SocketIoConnection } from '../../transport/socket-io/socket-io.connection.js';
import type { SocketIoAdmission } from '../../transport/socket-io/socket-io.endpoint.js';
import { IdGenerator } from '../id-generator.js';
import { idFor } from '../newcomers.js';
import { EasyRtcClient } from './easyrtc.client.js';
import { EasyRtcCodec } from './easyrtc.codec.js';
import { DISCONNECTED, type EasyRtcErrorCode, emitError } from './easyrtc.errors.js';
import { EasyRtcHooks } from './easyrtc.hooks.js';
import { EasyRtcSession } from './easyrtc.session.js';

/** The errors that clients hear before the server ends their connections. Other reasons have none. */
const GOODBYES: Partial<Record<Goodbye, EasyRtcErrorCode>> = {
  'login timeout': 'LOGIN_TIMEOUT',
  'server shutdown': 'SERVER_SHUTDOWN',
};

/** A namespace in the words of the protocol and in those of the core. */
interface Place {
  readonly application: string;
  readonly realm: string;
}

/** Opens a session for every connection. The session gets a client with its login. */
@Injectable()
export class EasyRtcAdmission implements SocketIoAdmission<EasyRtcSession> {
  readonly path: string;

  constructor(
    private readonly presence: PresenceService,
    private readonly codec: EasyRtcCodec,
    private readonly ids: IdGenerator,
    private readonly hooks: EasyRtcHooks,
    private readonly options: EasyRtcOptions,
    private readonly log: Log,
  ) {
    this.path = options.socketIoPath;
  }

  open(connection: SocketIoConnection<EasyRtcSession>): EasyRtcSession {
    const session = new EasyRtcSession(connection);
    session.expectLogin(this.options.loginTimeoutMs);
    return session;
  }

  goodbye(connection: SocketIoConnection<EasyRtcSession>, reason: Goodbye, words?: string): void {
    const code = GOODBYES[reason];
    if (words !== undefined) emitError(connection, DISCONNECTED, words);
    else if (code) emitError(connection, code);
  }

  async disconnect(session: EasyRtcSession, reason: EndReason): Promise<void> {
    session.expectNothing();
    if (session.client) await this.remove(session.client, reason);
  }

  /**
   * Makes a session the client of another application. The client keeps its id if no client has it there.
   * @param identity who the client is there; its id, if it has one, is the client's
   * @param greet answers the login
   * @throws DomainError ID_TAKEN, and what `greet` throws; then nothing is left of the new client
   */
  async enter(
    session: EasyRtcSession,
    { application, realm, identity, source }: Place & { readonly identity: Identity; readonly source?: RequestSource },
    greet: (client: EasyRtcClient) => Promise<void>,
  ): Promise<void> {
    const { connection, client: before } = session;
    const client = await this.presence.connectNew((attempt) => {
      const id = idFor(identity, attempt, () => (before && attempt === 1 ? before.id : this.ids.easyRtcClient()));
      const entering = new EasyRtcClient(id, realm, this.codec, connection, application, identity);
      entering.source = source;
      return entering;
    }, greet);
    session.loggedIn(client);
    if (before) await this.remove(before, 'left');
    this.notify(() => this.hooks.authenticated(client.peer));
  }

  private async remove(client: EasyRtcClient, reason: EndReason): Promise<void> {
    await this.presence.disconnect(client, reason);
    this.notify(() => this.hooks.disconnected(client.peer));
  }

  /** Calls a hook that only listens. The client does not wait for it, and does not hear of its errors. */
  private notify(hook: () => void | Promise<void>): void {
    void Promise.resolve()
      .then(hook)
      .catch((error: unknown) => {
        this.log.logger.error({ err: error }, 'an EasyRTC hook failed');
      });
  }
}
