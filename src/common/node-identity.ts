/** The name of this node among all that share a backplane. */
export class NodeIdentity {
  constructor(readonly name: string) {}
}
