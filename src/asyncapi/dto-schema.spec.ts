import {
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from '../common/class-validator.js';
import { type JsonSchema, StatedSchema } from '../common/json-schema.js';
import { dtoSchema } from './dto-schema.js';

/** A rule that states its schema. */
function Short(schema: JsonSchema | undefined, isOptional = false): PropertyDecorator {
  const constraints = [new StatedSchema(schema, isOptional)];
  return ValidateBy({ name: 'short', constraints, validator: { validate: () => true } });
}

const SHORT = { maxLength: 3 };

class Inner {
  @IsNotEmpty()
  @IsString()
  readonly name!: string;
}

class Outer {
  @ValidateNested()
  @IsObject()
  readonly inner!: Inner;

  @IsOptional()
  @IsString()
  readonly note?: string | null;

  @ValidateIf(() => true)
  @IsString()
  readonly sometimes?: string;

  @Short(SHORT)
  readonly code!: string;

  @Short(SHORT, true)
  readonly maybe?: string;

  @Short(undefined)
  readonly ofTheCodec!: string;

  readonly raw?: unknown;
}

class Unknown {
  @ValidateBy({ name: 'even', validator: { validate: () => true } })
  readonly number!: number;
}

describe('dtoSchema', () => {
  it('describes the rules of a DTO, and leaves out what the codec adds', () => {
    expect(dtoSchema(Outer)).toEqual({
      type: 'object',
      required: ['inner', 'code'],
      properties: {
        inner: { type: 'object', required: ['name'], properties: { name: { type: 'string', minLength: 1 } } },
        note: { type: ['string', 'null'] },
        sometimes: { type: 'string' },
        code: { maxLength: 3 },
        maybe: { maxLength: 3 },
      },
    });
  });

  it('refuses a rule that states no schema', () => {
    expect(() => dtoSchema(Unknown)).toThrow('Unknown.number: the rule even states no JSON Schema');
  });
});
