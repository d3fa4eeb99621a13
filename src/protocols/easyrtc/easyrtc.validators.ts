import { ValidateBy } from '../../common/class-validator.js';
import { type JsonSchema, StatedSchema } from '../../common/json-schema.js';
import type { EasyRtcErrorCode } from './easyrtc.errors.js';

/** The patterns of names and texts (PROTOCOL.md, "Names and bounds"). */
export const PATTERNS = {
  apiVersion: /^[a-z0-9_.+-]{1,32}$/i,
  /** Applications, generated ids, groups and rooms. */
  name: /^[a-z0-9_.-]{1,32}$/i,
  easyrtcsid: /^[a-z0-9_.%-]{1,100}$/i,
  field: /^[a-z0-9_. -]{1,32}$/i,
  show: /^(away|chat|dnd|xa)$/,
  status: /^[^]{0,255}$/,
  username: /^(.){1,64}$/i,
} as const;

/** Maximum length of a target's id. Clients of other protocols may have longer ids than EasyRTC clients. */
const MAX_TARGET_LENGTH = 4096;

/** The JSON text of the API fields of one room must be shorter. */
const MAX_FIELD_LENGTH = 4096;

const MAX_DEPTH = 100;

type JsonObject = Readonly<Record<string, unknown>>;

/** What the value of a property must be. */
export interface Rule {
  /** Describes the values; undefined for a property that is not part of the message. */
  readonly schema?: JsonSchema;
  readonly accepts: (value: unknown) => boolean;
}

/** Requires that a property's value is accepted. Otherwise the client gets the error code. */
export function Must(code: EasyRtcErrorCode, { accepts, schema }: Rule): PropertyDecorator {
  return checked(code, accepts, schema);
}

/** As `Must`, for a property that may be absent. Null is not absent. */
export function May(code: EasyRtcErrorCode, { accepts, schema }: Rule): PropertyDecorator {
  return checked(code, (value) => value === undefined || accepts(value), schema);
}

function checked(code: EasyRtcErrorCode, validate: Rule['accepts'], schema?: JsonSchema): PropertyDecorator {
  const stated = new StatedSchema(schema, validate(undefined));
  const validator = { validate, defaultMessage: () => '$property is not valid' };
  return ValidateBy({ name: 'stated', constraints: [stated], validator }, { context: { code } });
}

/** Arrays are accepted, too. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

export function isEmpty(value: object): boolean {
  for (const _ in value) return false;
  return true;
}

export function isFilledObject(value: unknown): value is JsonObject {
  return isObject(value) && !isEmpty(value);
}

export function matches(pattern: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && pattern.test(value);
}

/** Whether a client of any protocol may have this id. */
export function isTarget(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_TARGET_LENGTH;
}

/** `{r: {"roomName": r, …}, …}` */
export function isRoomMap(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.entries(value).every(([name, room]) => {
      return PATTERNS.name.test(name) && isObject(room) && room.roomName === name && hasParameter(room);
    })
  );
}

/** `{"show"?, "status"?}` */
export function isPresence(value: unknown): boolean {
  if (!isFilledObject(value)) return false;
  const { show, status } = value;
  return (
    (show === undefined || matches(PATTERNS.show)(show)) && (status === undefined || matches(PATTERNS.status)(status))
  );
}

/** `{f: {"fieldName": f, "fieldValue"}, …}` */
export function isFieldMap(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.entries(value).every(([name, field]) => {
      return PATTERNS.field.test(name) && isObject(field) && field.fieldName === name;
    })
  );
}

/** Whether the text of API fields is short enough. Null stands for fields that are nested too deeply. */
export function isShortField(text: unknown): boolean {
  return typeof text === 'string' && text.length < MAX_FIELD_LENGTH;
}

/** Whether a value is nested more deeply than a message with binary parts may be. */
export function isDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (!isObject(value) || Buffer.isBuffer(value)) return false;
  return levels === 0 || Object.values(value).some((member) => isDeep(member, levels - 1));
}

function hasParameter({ roomParameter }: JsonObject): boolean {
  return roomParameter === undefined || isObject(roomParameter);
}

/** The pattern in the words of JSON Schema, which has no flags. */
const textOf = ({ source, flags }: RegExp): string =>
  flags.includes('i') ? source.replaceAll('a-z', 'a-zA-Z') : source;

const named = (pattern: RegExp, schema: JsonSchema): JsonSchema => ({
  type: 'object',
  propertyNames: { pattern: textOf(pattern) },
  additionalProperties: schema,
});

/** A text that matches a pattern. */
export const text = (pattern: RegExp): Rule => ({
  accepts: matches(pattern),
  schema: { type: 'string', pattern: textOf(pattern) },
});

export const ANY_TEXT: Rule = { accepts: (value) => typeof value === 'string', schema: { type: 'string' } };
export const ABSENT: Rule = { accepts: (value) => value === undefined, schema: { not: {} } };
export const OBJECT: Rule = { accepts: isObject, schema: { type: 'object' } };
export const FILLED_OBJECT: Rule = { accepts: isFilledObject, schema: { type: 'object', minProperties: 1 } };
export const EMPTY_OBJECT: Rule = {
  accepts: (value) => isObject(value) && isEmpty(value),
  schema: { type: 'object', maxProperties: 0 },
};

export const TARGET: Rule = {
  accepts: isTarget,
  schema: { type: 'string', minLength: 1, maxLength: MAX_TARGET_LENGTH },
};

export const ROOM_MAP: Rule = {
  accepts: isRoomMap,
  schema: named(PATTERNS.name, {
    type: 'object',
    required: ['roomName'],
    properties: { roomName: { type: 'string' }, roomParameter: { type: 'object' } },
  }),
};

export const PRESENCE: Rule = {
  accepts: isPresence,
  schema: {
    type: 'object',
    minProperties: 1,
    properties: { show: { enum: ['away', 'chat', 'dnd', 'xa'] }, status: { type: 'string', maxLength: 255 } },
  },
};

export const FIELD_MAP: Rule = {
  accepts: isFieldMap,
  schema: named(PATTERNS.field, {
    type: 'object',
    required: ['fieldName'],
    properties: { fieldName: { type: 'string' }, fieldValue: {} },
  }),
};

/** Holds the text of fields, which the codec adds to a message. */
export const SHORT_FIELD: Rule = { accepts: isShortField };
