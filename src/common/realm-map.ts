/** A map by realm and id. Empty realms are removed, and names such as `__proto__` are ordinary keys. */
export class RealmMap<T> {
  private readonly realms = new Map<string, Map<string, T>>();
  private count = 0;

  /** Number of values in all realms. */
  get size(): number {
    return this.count;
  }

  get(realm: string, id: string): T | undefined {
    return this.realms.get(realm)?.get(id);
  }

  set(realm: string, id: string, value: T): void {
    let entries = this.realms.get(realm);
    if (!entries) this.realms.set(realm, (entries = new Map<string, T>()));
    const before = entries.size;
    entries.set(id, value);
    this.count += entries.size - before;
  }

  /** Values of a realm in the order in which their ids were first set. */
  of(realm: string): Iterable<T> {
    return this.realms.get(realm)?.values() ?? [];
  }

  /** Values of all realms, realm by realm. */
  *all(): Iterable<T> {
    for (const values of this.realms.values()) yield* values.values();
  }

  delete(realm: string, id: string): boolean {
    const entries = this.realms.get(realm);
    if (!entries?.delete(id)) return false;
    this.count--;
    if (entries.size === 0) this.realms.delete(realm);
    return true;
  }
}
