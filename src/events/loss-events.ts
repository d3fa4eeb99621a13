import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Backplane, type Loss, type LostClient, type LostMembership } from '../common/backplane.js';
import { DomainError } from '../common/domain-error.js';
import { userOf } from '../common/identity.js';
import { sessionName } from '../common/session-name.js';
import { EventJournal } from './event-journal.js';
import type { ClientDisconnected } from './server-event.js';
import { type NewEvent, ServerEvents } from './server-events.js';

/** Longest wait until events are in the journal. */
const FLUSH_MS = 5000;

/**
 * Emits the events of what dead nodes have lost, on the node that removes it. The backplane goes on when the events are
 * in the journal, so that another node repeats what this one does not finish. A repeated event of a client has the same
 * id.
 */
@Injectable()
export class LossEvents {
  constructor(
    private readonly events: ServerEvents,
    private readonly journal: EventJournal,
    backplane: Backplane,
  ) {
    backplane.onLoss((loss) => this.lost(loss));
  }

  /** @throws DomainError UNAVAILABLE if the events are not in the journal in time */
  private async lost({ node, memberships = [], clients = [], isComplete }: Loss): Promise<void> {
    for (const membership of memberships) this.left(node, membership);
    for (const client of clients) this.events.emit(nodeLost(node, client));
    if (isComplete) this.events.emit({ type: 'node.left', node, realm: '', reason: 'died' });
    if (!(await this.journal.flush(FLUSH_MS))) throw new DomainError('UNAVAILABLE', {});
  }

  private left(node: string, { realm, room, name, client, owner, members, hasEnded }: LostMembership): void {
    const session = owner && sessionName(node, owner.session);
    const head = { node, realm, room };
    this.events.emit({
      ...head,
      type: 'room.left',
      id: repeatableId(0, ['left', node, realm, room, client, session]),
      client,
      ...(session !== undefined && { session }),
      ...(owner?.user !== undefined && { user: owner.user }),
      members,
      reason: 'node lost',
    });
    if (hasEnded) this.events.emit({ ...head, type: 'room.ended', name, reason: 'empty' });
  }
}

/** Returns the event of a client whose node is dead or out of reach. */
export function nodeLost(node: string, client: LostClient): NewEvent<ClientDisconnected> {
  const { realm, id, protocol, address, since, user, name, attributes } = client;
  const session = sessionName(node, client.session);
  return {
    type: 'client.disconnected',
    node,
    realm,
    id: repeatableId(since, ['disconnected', session]),
    client: id,
    session,
    protocol,
    address,
    ...userOf({ sub: user, name, attributes }),
    reason: 'node lost',
    durationMs: Math.max(0, Date.now() - since),
  };
}

/** Returns the same id for the same event. A journal looks for it among the events since a time, in milliseconds. */
function repeatableId(since: number, parts: readonly (string | undefined)[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
  return `${since.toString(36).padStart(8, '0')}-${hash.slice(0, 22)}`;
}
