import { Injectable } from '@nestjs/common';
import type { ClientView } from '../clients/client-view.js';
import type { ConnectAttempt, Identity } from '../common/identity.js';
import type { SignalKind } from '../common/signal.js';

/**
 * The decisions of an application about clients of all protocols. An application extends this class and overrides some
 * methods: `SignalboxModule.forRoot({ extensions: [{ provide: AccessHooks, useClass: Access }] })`. A method that is not
 * overridden is not called. An error other than a DomainError is logged, and the client gets a general failure.
 */
@Injectable()
export class AccessHooks {
  /**
   * Returns who a client is, before it is registered. With `auth.mode` jwt or webhook it is called for clients that have
   * passed that check, and the members that it returns replace those of the token. The client ends at the earlier of
   * both expiry times. The result has the bounds of a token: an invalid one counts as an error of the application. A
   * client that gets no answer in five seconds is refused with UNAVAILABLE.
   * @param verified the identity that the token gives; empty with `auth.mode` none
   * @throws DomainError UNAUTHENTICATED or NOT_AUTHORIZED to refuse the client
   */
  connect?(attempt: ConnectAttempt, verified: Identity): Identity | Promise<Identity>;

  /** Whether a client may create a room. Called if the client's identity and the rules of its realm allow it. */
  mayCreateRoom?(client: ClientView, room: string): boolean | Promise<boolean>;

  /** Whether a client may join a room. Called if the client's identity allows it. */
  mayJoinRoom?(client: ClientView, room: string): boolean | Promise<boolean>;

  /**
   * Whether a client may send a signal to another one. Called for each signal, if the client's identity allows it.
   * @param to id of the receiver
   */
  maySignal?(from: ClientView, to: string, kind: SignalKind): boolean;
}
