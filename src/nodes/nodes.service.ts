import { Injectable } from '@nestjs/common';
import { MessageBus } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';
import { Log } from '../logging/log.js';
import type { LogThreshold } from '../logging/logger.js';
import { DrainService } from '../transport/lifecycle/drain.service.js';
import { NodeReport } from './node-report.js';
import type { NodeAnswers, NodeStatus, NodeSurvey } from './node-status.js';

const STATUS = 'node status';
const DRAIN = 'drain node';
const UNDRAIN = 'undrain node';
const SET_LOG_LEVEL = 'set log level';

/** Status and drain of all nodes. */
@Injectable()
export class NodesService {
  constructor(
    private readonly bus: MessageBus,
    private readonly calls: NodeCalls,
    private readonly drains: DrainService,
    private readonly log: Log,
    report: NodeReport,
  ) {
    calls.handle(STATUS, () => report.status());
    calls.handle(DRAIN, () => this.drainHere());
    calls.handle(UNDRAIN, () => drains.acceptClients());
    calls.handle(SET_LOG_LEVEL, (level: LogThreshold) => void (log.logger.level = level));
  }

  /** Asks all nodes for their status. Both lists of the result are sorted by name. */
  async survey(): Promise<NodeSurvey> {
    const { answers, unreachable } = await this.askAll<NodeStatus>(STATUS, null);
    return { nodes: answers, unreachable };
  }

  /**
   * Calls a method on all nodes. A node that has no such method counts as one that has not answered.
   * @throws DomainError UNAVAILABLE while the backplane does not respond
   */
  async askAll<R extends object>(method: string, argument: unknown): Promise<NodeAnswers<R>> {
    const names = (await this.bus.nodes()).sort((a, b) => (a < b ? -1 : 1));
    const calls = names.map((name) => this.calls.call<R | null | undefined>(name, method, argument));
    const answers = (await Promise.allSettled(calls)).map((call) => {
      return call.status === 'fulfilled' ? (call.value ?? undefined) : undefined;
    });
    return {
      answers: answers.filter((answer) => answer !== undefined),
      unreachable: names.filter((_, at) => answers[at] === undefined),
    };
  }

  /**
   * Makes a node refuse new clients and disconnect its own.
   * @returns false if the node does not exist
   * @throws DomainError UNAVAILABLE if the node does not respond
   */
  async drain(name: string): Promise<boolean> {
    return (await this.callNode(name, DRAIN)) !== undefined;
  }

  /**
   * Makes a node accept clients again.
   * @returns undefined if the node does not exist; false if it is shutting down
   * @throws DomainError UNAVAILABLE if the node does not respond
   */
  async undrain(name: string): Promise<boolean | undefined> {
    return (await this.callNode<boolean>(name, UNDRAIN)) ?? undefined;
  }

  /**
   * Sets the lowest level of the lines that a node logs, until it restarts.
   * @returns false if the node does not exist
   * @throws DomainError UNAVAILABLE if the node does not respond
   */
  async setLogLevel(name: string, level: LogThreshold): Promise<boolean> {
    return (await this.callNode(name, SET_LOG_LEVEL, level)) !== undefined;
  }

  /** Returns the result of a call, null if it has none; undefined if the node does not exist. */
  private async callNode<R>(name: string, method: string, argument: unknown = null): Promise<R | null | undefined> {
    if (!(await this.bus.nodes()).includes(name)) return undefined;
    return (await this.calls.call<R | undefined>(name, method, argument)) ?? null;
  }

  private drainHere(): void {
    this.drains.sendClientsAway().catch((error: unknown) => {
      this.log.logger.error({ err: error }, 'drain failed');
    });
  }
}
