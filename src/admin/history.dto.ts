import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Min } from 'class-validator';

const COUNTS = { type: 'array', items: { type: 'integer' } } as const;

/** Query: which samples to return. */
export class HistoryQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    default: 0,
    description: 'Returns only newer samples: `next` of an earlier response, in seconds since 1970',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  readonly since: number = 0;
}

/**
 * The samples of a node. The values with the same place in all columns are one sample. Counts are of what happened
 * since the sample before.
 */
export class NodeColumns {
  @ApiProperty({ example: 'web-1-3fK8aQ', description: 'Name of the node' })
  readonly name!: string;

  @ApiProperty({ ...COUNTS, example: [1769860800, 1769860805], description: 'Seconds since 1970, ascending' })
  readonly time!: readonly number[];

  @ApiProperty({ ...COUNTS, example: [3, 0], description: 'Connections registered as clients' })
  readonly connects!: readonly number[];

  @ApiProperty({
    type: 'object',
    additionalProperties: COUNTS,
    example: { 'closed by client': [2, 1] },
    description: 'Closed connections by reason',
  })
  readonly disconnects!: Readonly<Record<string, readonly number[]>>;

  @ApiProperty({
    type: 'object',
    additionalProperties: COUNTS,
    example: { 429: [0, 12] },
    description: 'Refused connection requests by HTTP status',
  })
  readonly refusals!: Readonly<Record<string, readonly number[]>>;

  @ApiProperty({ ...COUNTS, example: [120, 90], description: 'Frames from clients' })
  readonly framesIn!: readonly number[];

  @ApiProperty({ ...COUNTS, example: [118, 90], description: 'Frames to clients' })
  readonly framesOut!: readonly number[];

  @ApiProperty({
    type: 'array',
    items: { type: 'number', nullable: true },
    example: [0.21, null],
    description:
      '99th percentile of the time from receiving a frame until it is handled, in milliseconds, at most 250. ' +
      'Estimated from one frame in 64; null if none was measured',
  })
  readonly handlingP99Ms!: readonly (number | null)[];

  @ApiProperty({
    type: 'array',
    items: { type: 'number' },
    example: [21.4, 20.8],
    description: '99th percentile of the event loop delay in milliseconds, as `signalbox_event_loop_delay_p99_seconds`',
  })
  readonly eventLoopDelayP99Ms!: readonly number[];

  @ApiProperty({ ...COUNTS, example: [90_000_000, 90_200_000], description: 'Resident memory (RSS)' })
  readonly rssBytes!: readonly number[];

  @ApiProperty({ ...COUNTS, example: [120, 121], description: 'Clients connected to the node' })
  readonly clients!: readonly number[];

  @ApiProperty({ ...COUNTS, example: [12, 12], description: 'Rooms with members on the node' })
  readonly rooms!: readonly number[];

  @ApiProperty({ ...COUNTS, example: [1, 1], description: '1 if the backplane responds, which may be Redis; else 0' })
  readonly backplaneUp!: readonly number[];
}

/** The last minutes of all nodes. */
export class History {
  @ApiProperty({ example: 5, description: 'Seconds between samples. All times are multiples of it.' })
  readonly intervalSeconds!: number;

  @ApiProperty({ example: 1769860805, description: '`since` of the next request' })
  readonly next!: number;

  @ApiProperty({ type: [NodeColumns], description: 'The nodes by name' })
  readonly nodes!: readonly NodeColumns[];

  @ApiProperty({ type: [String], description: 'Names of nodes that do not respond, by name' })
  readonly unreachable!: readonly string[];
}
