import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type OriginKind, ORIGINS } from '../config/effective-config.js';
import { ANY_JSON } from './any-json.js';

/** An option of the server. */
export class ConfigOption {
  @ApiProperty({ example: 'maxRooms' })
  readonly name!: string;

  @ApiProperty({ description: 'Its section in the documentation', example: 'Limits' })
  readonly section!: string;

  @ApiProperty({ description: 'What it means' })
  readonly description!: string;

  @ApiPropertyOptional({ description: 'Unit of the value', example: 'ms' })
  readonly unit?: string;

  @ApiProperty({ ...ANY_JSON, description: 'The value in effect. Secrets are masked.', example: 10_000 })
  readonly value!: unknown;

  @ApiProperty({ ...ANY_JSON, description: 'The default', example: 10_000 })
  readonly default!: unknown;

  @ApiProperty({ enum: ORIGINS, description: 'Where the value comes from; `options`: from the application around' })
  readonly origin!: OriginKind;

  @ApiPropertyOptional({ description: 'The file, environment variable or flag', example: '--max-rooms' })
  readonly source?: string;

  @ApiProperty({ description: 'Whether a reload may change the value, or some of its members' })
  readonly reloadable!: boolean;

  @ApiPropertyOptional({
    type: [String],
    description: 'The only members that a reload may change; absent if it may change all or none',
    example: ['auth', 'limits'],
  })
  readonly reloadableMembers?: readonly string[];
}

/** The configuration of a node. */
export class ConfigDetail {
  @ApiProperty({ description: 'Name of the node that has answered', example: 'node-1' })
  readonly node!: string;

  @ApiProperty({ type: [ConfigOption], description: 'All options, in the order of the documentation' })
  readonly items!: readonly ConfigOption[];
}
