/** Counts the deliveries to one endpoint. */
export class WebhookCounters {
  /** Number of events that the endpoint has accepted, and of events that were lost. */
  delivered = 0;
  dropped = 0;
  /** Number of requests that have succeeded and failed, and the duration of all. */
  succeeded = 0;
  failed = 0;
  seconds = 0;
  /** Number of events that wait; undefined if another node delivers. */
  waiting: () => number | undefined = () => undefined;
}
