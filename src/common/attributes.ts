/** JSON that a protocol shows its own clients about a member or a room. The core carries it without reading it. */
export type Attributes = Readonly<Record<string, unknown>>;
