import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import type { Signal } from '../common/signal.js';
import { RelayedSignals } from '../events/relayed-signals.js';
import { ServerEvents } from '../events/server-events.js';
import { SignalSender } from './signal-sender.js';

/** Emits `signal.relayed` while anything wants to hear of it. Otherwise a signal costs the check of a member. */
@Injectable()
export class SignalEvents {
  constructor(
    private readonly events: ServerEvents,
    sender: SignalSender,
    signals: RelayedSignals,
  ) {
    const report = this.relayed.bind(this);
    signals.onWanted((isWanted) => (sender.onRelayed = isWanted ? report : undefined));
  }

  private relayed({ realm, id: from }: Client, { kind, room }: Signal, to: string | undefined): void {
    const target = to === undefined ? { room } : { to };
    this.events.emit({ type: 'signal.relayed', realm, kind, from, ...target });
  }
}
