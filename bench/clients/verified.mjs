/** Peer2Peer Connector clients with tokens. */
import { tokenOf } from '../keys.mjs';
import { ConnectorClient } from './connector.mjs';

/** A client with a token of a user of its own. */
export class VerifiedClient extends ConnectorClient {
  static claims = {};
  static #opened = 0;

  static path() {
    return `/?access_token=${tokenOf(`user-${VerifiedClient.#opened++}`, this.claims)}`;
  }
}

/** A client with a token, in a room of two with the one opened next to it. */
export class MemberClient extends VerifiedClient {
  static #creator;
  static #rooms = 0;

  static async open(port) {
    const partner = MemberClient.#creator;
    if (!partner) {
      const created = super.open(port).then(async (client) => {
        client.room = `pair-${MemberClient.#rooms++}`;
        await client.createRoom(client.room);
        return client;
      });
      return (MemberClient.#creator = created);
    }
    MemberClient.#creator = undefined;
    const client = await super.open(port);
    await client.joinRoom((await partner).room);
    return client;
  }
}

/** As MemberClient, and its token restricts its signals to clients in its rooms. */
export class RestrictedClient extends MemberClient {
  static claims = { signal: 'rooms' };
}
