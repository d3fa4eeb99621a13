import type { ApiPropertyOptions } from '@nestjs/swagger';

/** Schema of a property that may be any JSON. */
export const ANY_JSON = {
  oneOf: [
    { type: 'object', nullable: true, additionalProperties: true },
    { type: 'array', items: {} },
    { type: 'string' },
    { type: 'number' },
    { type: 'boolean' },
  ],
} satisfies ApiPropertyOptions;
