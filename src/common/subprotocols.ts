/** The subprotocol that a client offers beside its token, and that the server selects. */
export const BESIDE_TOKEN = 'signalbox';

/** How a subprotocol begins that is a token. The server never selects one: its answer would echo the token. */
export const TOKEN_PREFIX = 'bearer.';
