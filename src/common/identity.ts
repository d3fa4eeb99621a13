/** Which clients a client may send signals to: all, only those with which it shares a room, or none. */
export type SignalScope = 'any' | 'rooms' | 'none';

/** Room ids; an entry that ends with `*` stands for all ids that begin with the text before it. */
export type RoomPatterns = readonly string[];

/** Who a client is and what it may do. An absent member restricts nothing. */
export interface Identity {
  /** The user. Clients of the same user may take over each other's ids. */
  readonly sub?: string;
  /** When the client is disconnected, unless it renews its token; milliseconds since 1970. */
  readonly expiresAt?: number;
  /** The only id that the client may have. */
  readonly id?: string;
  /** How the id that the client asks for must begin. */
  readonly idPrefix?: string;
  /** Display name; EasyRTC's username. */
  readonly name?: string;
  /** Groups of EasyRTC. */
  readonly groups?: readonly string[];
  /** The rooms that the client may join and create. */
  readonly rooms?: { readonly join?: RoomPatterns; readonly create?: RoomPatterns };
  readonly signal?: SignalScope;
  /** Shown by the admin API and in events. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** The identity of a client that is not authenticated. */
export const NOBODY: Identity = Object.freeze({});

/** What others see of an identity. A member that it does not have is absent. */
export interface UserView {
  /** The user: the `sub` of the token. */
  readonly user?: string;
  /** Display name. */
  readonly name?: string;
  /** What the token says about the user. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export function userOf({ sub, name, attributes }: Identity): UserView {
  return {
    ...(sub !== undefined && { user: sub }),
    ...(name !== undefined && { name }),
    ...(attributes !== undefined && { attributes }),
  };
}

/** A connection that asks to become a client. */
export interface ConnectAttempt {
  readonly protocol: string;
  readonly realm: string;
  /** The id that the client asks for, if its protocol lets it choose. For a new token of a connected client: its id. */
  readonly id?: string;
  readonly token?: string;
  /** EasyRTC's username, as the client claims it. */
  readonly username?: string;
  /** EasyRTC's credential. */
  readonly credential?: object;
  /** IP address. */
  readonly address: string;
  /** The request's Origin header. */
  readonly origin?: string;
  readonly userAgent?: string;
}
