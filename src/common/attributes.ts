/** What a protocol shows of a member or of a room to its own clients: JSON that the core carries and does not look into. */
export type Attributes = Readonly<Record<string, unknown>>;
