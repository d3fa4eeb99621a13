/** Maximum number of callers that are tracked for a client. */
const MAX_CALLERS = 100;

/** Senders of the offers that a client has got since its last sign of life. They are notified if the client is dead. */
export class Callers {
  private readonly ids = new Set<string>();
  /** The client's number of signs of life when the callers were added. */
  private signs = 0;

  /** Adds a caller, and drops those from before the last sign of life. */
  add(id: string, signs: number): void {
    if (signs !== this.signs) this.ids.clear();
    this.signs = signs;
    if (this.ids.size < MAX_CALLERS) this.ids.add(id);
  }

  /** Ids of the callers since a sign of life; none if there was another one after them. */
  since(signs: number): readonly string[] {
    return signs === this.signs ? [...this.ids] : [];
  }
}
