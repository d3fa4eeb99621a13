import { Injectable } from '@nestjs/common';
import { Realms } from '../../realms/realms.js';
import { Newcomers } from '../newcomers.js';
import { Renewals } from '../renewals.js';
import { tokenOf } from '../token-of.js';
import { EasyRtcAdmission } from './easyrtc.admission.js';
import { EasyRtcHooks } from './easyrtc.hooks.js';
import { DEFAULT_APPLICATION, EASYRTC, type LoginRequest } from './easyrtc.messages.js';
import type { EasyRtcSession } from './easyrtc.session.js';
import { EasyRtcWelcome } from './easyrtc.welcome.js';

/** Logs clients in: asks the hooks who they are, and brings them into the rooms that they name. */
@Injectable()
export class EasyRtcLogin {
  constructor(
    private readonly realms: Realms,
    private readonly admission: EasyRtcAdmission,
    private readonly hooks: EasyRtcHooks,
    private readonly newcomers: Newcomers,
    private readonly renewals: Renewals,
    private readonly welcome: EasyRtcWelcome,
  ) {}

  /**
   * Logs a session in for the first time or again, and answers with the token. If it fails, nothing has changed.
   * @throws DomainError REALM_UNKNOWN, UNAUTHENTICATED, NOT_AUTHORIZED, ROOM_NOT_FOUND, LIMIT_REACHED, UNAVAILABLE
   */
  async login(session: EasyRtcSession, request: LoginRequest): Promise<void> {
    const { connection, client } = session;
    const { applicationName: application = DEFAULT_APPLICATION, username, easyrtcsid, credential } = request.msgData;
    const realm = this.realms.ofApplication(application);
    const { address } = connection;
    const renews = client?.realm === realm ? client : undefined;
    const who = { protocol: EASYRTC, realm, id: renews?.id, token: tokenOf(credential), username, credential, address };
    const identity = await this.newcomers.identify(connection, connection.request, who, renews);
    const source = this.newcomers.sourceOf(connection.request);
    const attempt = { application, username: identity.name ?? username, easyrtcsid, credential, address };
    const details = await connection.whileOpen(() => this.hooks.authenticate(attempt));
    if (renews) {
      await this.renewals.apply(renews, identity);
      renews.application = application;
      await this.welcome.give(renews, request, details);
    } else {
      await this.admission.enter(session, { application, realm, identity, source }, (entered) =>
        this.welcome.give(entered, request, details),
      );
    }
  }
}
