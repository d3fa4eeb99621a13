import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ClientDirectory } from '../clients/client-directory.js';
import { Backplane } from '../common/backplane.js';
import { isUnavailable } from '../common/domain-error.js';
import { Log } from '../logging/log.js';
import { DrainService } from '../transport/lifecycle/drain.service.js';

/** Maximum time for an answer from the backplane. */
const BACKPLANE_TIMEOUT_MS = 1000;

/** Status in the form of Terminus. */
export type Status = 'up' | 'down';

/** The health of this node, in the form that @nestjs/terminus expects of an indicator. */
export type SignalboxHealth<K extends string> = Record<
  K,
  { readonly status: Status; readonly backplane: Status; readonly isDraining: boolean }
>;

/** An indicator for @nestjs/terminus: whether this node can accept clients. It works without the package, too. */
@Injectable()
export class SignalboxHealthIndicator {
  /** @internal */
  constructor(
    private readonly directory: ClientDirectory,
    private readonly backplane: Backplane,
    private readonly drains: DrainService,
    private readonly log: Log,
  ) {}

  /**
   * Returns `up` if the backplane responds and the node is not draining, and `down` otherwise. Never rejects.
   * @param key name of the indicator in the response
   */
  async isHealthy<K extends string = 'signalbox'>(key = 'signalbox' as K): Promise<SignalboxHealth<K>> {
    const { isDraining } = this;
    const backplane = (await this.isBackplaneUp()) ? 'up' : 'down';
    const status = backplane === 'up' && !isDraining ? 'up' : 'down';
    return { [key]: { status, backplane, isDraining } } as SignalboxHealth<K>;
  }

  /** Whether this node refuses new clients. */
  get isDraining(): boolean {
    return this.drains.isDraining;
  }

  /** Whether the backplane responds, as far as this node has noticed. */
  get isBackplaneAvailable(): boolean {
    return this.backplane.isAvailable;
  }

  /** Whether the backplane responds within a second. */
  async isBackplaneUp(): Promise<boolean> {
    const timeout = new AbortController();
    const late = sleep(BACKPLANE_TIMEOUT_MS, undefined, { signal: timeout.signal, ref: false }).then(() => {
      throw new Error('no answer in time');
    });
    try {
      await Promise.race([this.directory.count(), late]);
      return this.backplane.isAvailable;
    } catch (error) {
      if (!isUnavailable(error)) this.log.logger.warn({ err: error }, 'backplane does not respond');
      return false;
    } finally {
      late.catch(() => undefined);
      timeout.abort();
    }
  }
}
