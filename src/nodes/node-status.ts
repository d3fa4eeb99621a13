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
  readonly rssBytes: number;
  readonly in: Flow;
  readonly out: Flow;
}
