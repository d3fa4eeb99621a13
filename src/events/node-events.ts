import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Backplane } from '../common/backplane.js';
import { ServerEvents } from './server-events.js';

/** Emits `node.joined` and `node.left` of this node. */
@Injectable()
export class NodeEvents implements OnApplicationBootstrap, OnApplicationShutdown {
  private isHere = false;

  constructor(
    private readonly events: ServerEvents,
    backplane: Backplane,
  ) {
    // Before the backplane stops, whichever of the two stops first.
    backplane.onLeave(() => this.left());
    backplane.onReturn(() => this.events.emit({ type: 'node.joined', realm: '' }));
  }

  onApplicationBootstrap(): void {
    this.isHere = true;
    this.events.emit({ type: 'node.joined', realm: '' });
  }

  onApplicationShutdown(): void {
    this.left();
  }

  private left(): void {
    if (!this.isHere) return;
    this.isHere = false;
    this.events.emit({ type: 'node.left', realm: '', reason: 'stopped' });
  }
}
