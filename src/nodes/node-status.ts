import type { LogThreshold } from '../logging/logger.js';

/** Frames and bytes: totals since the start of a node, and current rates. */
export interface Flow {
  readonly frames: number;
  readonly bytes: number;
  readonly framesPerSecond: number;
  readonly bytesPerSecond: number;
}

/** The status of a node. */
export interface NodeStatus {
  readonly name: string;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly clients: number;
  readonly clientsByProtocol: Readonly<Record<string, number>>;
  readonly connections: number;
  readonly isDraining: boolean;
  /** Lowest level of the lines that the node logs. */
  readonly logLevel: LogThreshold;
  readonly rssBytes: number;
  /** 99th percentile of the event loop delay. */
  readonly eventLoopDelayMs: number;
  /** Names of the checks of `Readiness` that are down. */
  readonly notReady: readonly string[];
  readonly in: Flow;
  readonly out: Flow;
  /** Refused connection requests. */
  readonly refusedPerSecond: number;
}

/** Answers of all nodes to a call, and the names of the nodes that have not answered. Both are in the order of names. */
export interface NodeAnswers<R> {
  readonly answers: readonly R[];
  readonly unreachable: readonly string[];
}

/** The nodes that answer, and the names of the others. A node that has died is among these until its heartbeat expires. */
export interface NodeSurvey {
  readonly nodes: readonly NodeStatus[];
  readonly unreachable: readonly string[];
}
