/** What is saved of the deliveries to an endpoint, for the node that goes on with them and for the admin API. */
export interface DeliveryState {
  /** Position of an event before all those that are still to be delivered. */
  readonly position: number;
  /** Name of the node that delivers, or has delivered last. */
  readonly node: string;
  readonly waiting: number;
  readonly dropped: number;
  /** ISO time of the last success. */
  readonly lastSuccess?: string;
  readonly lastError?: DeliveryError;
  /** ISO time at which the endpoint has answered 410. */
  readonly endedAt?: string;
}

/** A delivery that has failed. */
export interface DeliveryError {
  /** ISO time. */
  readonly at: string;
  readonly problem: string;
}

/** The reverse of `JSON.stringify`, for a state that a node of this cluster has saved. */
export function parseState(text: string): DeliveryState {
  return JSON.parse(text) as DeliveryState;
}
