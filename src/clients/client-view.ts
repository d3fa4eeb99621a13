import type { UserView } from '../common/identity.js';

/** A client of this node as an application sees it: a copy of its data, without its token and its connection. */
export interface ClientView extends UserView {
  readonly realm: string;
  readonly id: string;
  readonly protocol: string;
  /** IP address; empty for virtual clients and clients of a Unix socket. */
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Ids of its rooms. */
  readonly rooms: readonly string[];
}
