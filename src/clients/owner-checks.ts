import { Injectable } from '@nestjs/common';
import { isUnavailable } from '../common/domain-error.js';
import { NodeCalls } from '../common/node-calls.js';
import { HeartbeatOptions } from '../config/sections/heartbeat.options.js';
import type { Client } from './client.js';
import type { ClientEntry, Session } from './client-directory.js';
import { ClientsHere } from './clients-here.js';

const CHECK_OWNER = 'check owner';

/** Maximum time for the id of a dead owner to become free. Its rooms are notified first. */
const RELEASE_MS = 500;

/** Maximum time for a check to reach another node, and for its result to come back. */
const CALL_MS = 200;

/** How long an owner that has given a sign of life is not pinged again. */
const PAUSE_MS = 1000;

/**
 * Pings the owners of ids that other clients request. An owner that does not answer is disconnected, which frees its
 * id. An owner is pinged once for all clients that request its id, and again after a pause.
 */
@Injectable()
export class OwnerChecks {
  private readonly checks = new Map<Client, Promise<boolean>>();

  constructor(
    private readonly here: ClientsHere,
    private readonly calls: NodeCalls,
    private readonly options: HeartbeatOptions,
  ) {
    calls.handle(CHECK_OWNER, (session: Session) => this.isAliveHere(session));
  }

  /**
   * Resolves with whether the owner of an id, on any node, is alive. If it is dead, waits up to `RELEASE_MS` for its id
   * to become free. An owner whose node does not answer counts as dead.
   */
  async isAlive({ node, realm, id, session }: ClientEntry): Promise<boolean> {
    const timeoutMs = this.options.ownerTimeoutMs + RELEASE_MS + CALL_MS;
    try {
      return await this.calls.call<boolean>(node, CHECK_OWNER, { realm, id, session }, timeoutMs);
    } catch (error) {
      if (isUnavailable(error)) return false;
      throw error;
    }
  }

  private async isAliveHere(session: Session): Promise<boolean> {
    if (this.here.isClaiming(session.session)) return true;
    const owner = this.here.ofSession(session);
    if (!owner) return false;
    let check = this.checks.get(owner);
    if (!check) this.checks.set(owner, (check = this.check(owner)));
    return check;
  }

  private async check(owner: Client): Promise<boolean> {
    const released = new Promise<void>((resolve) => (owner.onReleased = resolve));
    const isAlive = await owner.prove(this.options.ownerTimeoutMs);
    setTimeout(() => this.checks.delete(owner), PAUSE_MS).unref();
    if (isAlive) return true;
    setTimeout(() => owner.onReleased?.(), RELEASE_MS).unref();
    await released;
    return false;
  }
}
