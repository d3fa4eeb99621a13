/** How many are remembered. */
const MAX_CALLERS = 100;

/** Who has sent offers to a client since its last sign of life: they are told if it turns out to be dead. */
export class Callers {
  private readonly ids = new Set<string>();
  /** How many signs of life had come when they called. */
  private signs = 0;

  /** Takes note of a caller; those before the last sign of life are forgotten. */
  add(id: string, signs: number): void {
    if (signs !== this.signs) this.ids.clear();
    this.signs = signs;
    if (this.ids.size < MAX_CALLERS) this.ids.add(id);
  }

  /** Those who have called since; none if there was another sign of life. */
  since(signs: number): readonly string[] {
    return signs === this.signs ? [...this.ids] : [];
  }
}
