import {
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
  validateSync,
} from 'class-validator';
import { compileDto } from './compile-dto.js';

class Base {
  @IsString({ message: "'to' field not found" })
  to!: string;
}

class Request extends Base {
  @IsOptional()
  @MaxLength(3, { message: ({ value }) => `'${String(value)}' is too long` })
  @IsString({ message: 'name is no text' })
  name?: string;

  @ValidateIf((request: Request) => request.to === 'x')
  @IsObject()
  data?: object;

  @Min(1)
  @IsInt()
  count = 1;
}

const reasonFor = (value: object, validate = compileDto(Request)): unknown => {
  try {
    validate(value);
    return 'accepted';
  } catch (error) {
    return (error as { data: { reason: string } }).data.reason;
  }
};

describe('compileDto', () => {
  it('passes on the code of a rule', () => {
    class Coded {
      @IsInt({ context: { code: 'NO_INTEGER' } })
      count!: number;
    }

    expect(() => compileDto(Coded)({ count: 'x' })).toThrow(
      expect.objectContaining({ data: { reason: 'count must be an integer number', code: 'NO_INTEGER' } }) as Error,
    );
  });

  it.each([
    [{ to: 'a', count: 1 }, 'accepted'],
    [{ to: 'a', count: 1, name: null }, 'accepted'],
    [{ to: 'x', count: 1, data: {} }, 'accepted'],
    [{ count: 1 }, "'to' field not found"],
    [{ to: 5, count: 1 }, "'to' field not found"],
    [{ to: 'a', count: 1, name: 'long' }, "'long' is too long"],
    [{ to: 'a', count: 1, name: 7 }, 'name is no text'],
    [{ to: 'x', count: 1 }, 'data must be an object'],
    [{ to: 'a', count: 0 }, 'count must not be less than 1'],
    [{ to: 'a', count: 1.5 }, 'count must be an integer number'],
  ])('%j: %s', (value, reason) => {
    expect(reasonFor(value)).toBe(reason);
    const errors = validateSync(Object.assign(new Request(), { count: undefined }, value));
    expect(errors.length === 0).toBe(reason === 'accepted');
  });

  it('descends into nested DTOs', () => {
    class Nested {
      @ValidateNested()
      @IsObject({ message: 'no inner object' })
      inner!: Base;
    }
    const nested = compileDto(Nested);
    expect(reasonFor({ inner: { to: 'a' } }, nested)).toBe('accepted');
    expect(reasonFor({ inner: {} }, nested)).toBe("'to' field not found");
    expect(reasonFor({}, nested)).toBe('no inner object');
  });

  it('refuses a nested value that is no object, without a rule for it', () => {
    class Nested {
      @ValidateNested()
      inner!: Base;
    }
    const nested = compileDto(Nested);
    expect([{}, { inner: null }, { inner: 'a' }].map((value) => reasonFor(value, nested))).toEqual(
      Array<string>(3).fill('inner must be an object'),
    );
  });

  it('checks each element of an array', () => {
    class Each {
      @MaxLength(3, { each: true })
      @IsString({ each: true })
      names!: string[];
    }
    const each = compileDto(Each);
    expect(reasonFor({ names: ['a', 'b'] }, each)).toBe('accepted');
    expect(reasonFor({ names: [] }, each)).toBe('accepted');
    expect(reasonFor({ names: ['a', 5] }, each)).toBe('each value in names must be a string');
    expect(reasonFor({ names: ['a', 'long'] }, each)).toBe(
      'each value in names must be shorter than or equal to 3 characters',
    );
    expect(reasonFor({ names: 'abc' }, each)).toBe('names must be an array');
  });

  it('throws for rules that it does not support', () => {
    class Each {
      @ValidateNested({ each: true })
      inners!: Base[];
    }
    expect(() => compileDto(Each)).toThrow('Each.inners: rules of type nestedValidation with each are not supported');
  });
});
