/** A JSON Schema (draft 7). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schema of a rule that only a function describes: the first constraint of its class-validator decorator. */
export class StatedSchema {
  /**
   * @param schema undefined for a member that is not part of the message
   * @param isOptional whether the rule accepts an absent member
   */
  constructor(
    readonly schema: JsonSchema | undefined,
    readonly isOptional: boolean,
  ) {}
}
