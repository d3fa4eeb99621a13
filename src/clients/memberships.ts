/** The rooms of a client of this node. `RoomsHere` alone changes them, as the store reports changes. */
export class Memberships {
  /** Ids of the members of its rooms. `RoomsHere` collects them when they are needed, until one of the rooms changes. */
  peers?: ReadonlySet<string>;

  private readonly joined = new Set<string>();
  private readonly created = new Set<string>();
  /** Rooms that the client is leaving, until the store has answered. True for rooms that it created. */
  private leaving?: Map<string, boolean>;

  /** Ids of the rooms that the client is in, without those that it is leaving. */
  get rooms(): ReadonlySet<string> {
    return this.joined;
  }

  /** Ids of those of its rooms that it created. */
  get createdRooms(): ReadonlySet<string> {
    return this.created;
  }

  add(id: string, isCreator = false): void {
    this.peers = undefined;
    this.joined.add(id);
    if (isCreator) this.created.add(id);
  }

  /** @returns false if the client was not in the room, or was leaving it */
  delete(id: string): boolean {
    this.peers = undefined;
    this.created.delete(id);
    return this.joined.delete(id);
  }

  /** Takes the client out of a room, until `endLeaving`. */
  startLeaving(id: string): void {
    if (!this.joined.has(id)) return;
    (this.leaving ??= new Map()).set(id, this.created.has(id));
    this.delete(id);
  }

  /** @param hasLeft false if the client is still in the room */
  endLeaving(id: string, hasLeft: boolean): void {
    const wasCreator = this.leaving?.get(id);
    this.leaving?.delete(id);
    if (!hasLeft && wasCreator !== undefined) this.add(id, wasCreator);
  }

  /** Gives all rooms to a client that replaces this one on the same node. */
  moveTo(successor: Memberships): void {
    for (const id of this.joined) successor.add(id, this.created.has(id));
    this.clear();
  }

  clear(): void {
    this.peers = undefined;
    this.joined.clear();
    this.created.clear();
    this.leaving = undefined;
  }
}
