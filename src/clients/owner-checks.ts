import type { Client } from './client.js';

/** How long the id of a dead owner may take to become free: the owner's rooms are told first. */
const RELEASE_MS = 1000;

/** How long an owner that has given a sign of life is not asked for another one. */
const PAUSE_MS = 1000;

/**
 * Asks clients of this node for a sign of life when others want their ids. Those that give none are cut, so that their ids
 * become free. However many want an id, its owner is asked once, and again after a pause.
 */
export class OwnerChecks {
  private readonly checks = new Map<Client, Promise<boolean>>();

  constructor(private readonly timeoutMs: number) {}

  /** Resolves with whether the owner is still there; if it is not, when its id is free. */
  isAlive(owner: Client): Promise<boolean> {
    let check = this.checks.get(owner);
    if (!check) this.checks.set(owner, (check = this.check(owner)));
    return check;
  }

  private async check(owner: Client): Promise<boolean> {
    const released = new Promise<void>((resolve) => (owner.onReleased = resolve));
    const isAlive = await owner.prove(this.timeoutMs);
    setTimeout(() => this.checks.delete(owner), PAUSE_MS).unref();
    if (isAlive) return true;
    setTimeout(() => owner.onReleased?.(), RELEASE_MS).unref();
    await released;
    return false;
  }
}
