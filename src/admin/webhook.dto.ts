import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { EVENT_PATTERNS, type EventPattern } from '../common/event-types.js';
import { EXAMPLE_TIME } from './page.dto.js';

/** A delivery that has failed. */
export class WebhookError {
  @ApiProperty({ format: 'date-time', example: EXAMPLE_TIME })
  readonly at!: string;

  @ApiProperty({ description: 'Such as `status 500`, `timeout` or `ECONNREFUSED`', example: 'status 500' })
  readonly problem!: string;
}

/** An endpoint that receives events. */
export class WebhookDetail {
  @ApiProperty({ description: 'Place in the option `webhooks`, from 0', example: 0 })
  readonly n!: number;

  @ApiProperty({ description: 'Without the query', example: 'https://app.example/hooks' })
  readonly url!: string;

  @ApiProperty({ enum: EVENT_PATTERNS, isArray: true, example: ['client.connected', 'room.*'] })
  readonly events!: readonly EventPattern[];

  @ApiProperty({ type: [String], description: 'Empty: all realms', example: [] })
  readonly realms!: readonly string[];

  @ApiProperty({
    enum: ['delivering', 'failing', 'ended'],
    description: '`ended`: it has answered 410 and gets nothing until a restart',
  })
  readonly state!: 'delivering' | 'failing' | 'ended';

  @ApiProperty({ description: 'Number of events that wait', example: 0 })
  readonly waiting!: number;

  @ApiProperty({
    description: 'Number of events that were lost, because too many waited or they were too old',
    example: 0,
  })
  readonly dropped!: number;

  @ApiPropertyOptional({ description: 'Node that delivers, or has delivered last', example: 'node-1' })
  readonly node?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Time of the last success', example: EXAMPLE_TIME })
  readonly lastSuccess?: string;

  @ApiPropertyOptional({ type: WebhookError, description: 'The last failure' })
  readonly lastError?: WebhookError;
}

/** All endpoints. */
export class WebhookList {
  @ApiProperty({ type: [WebhookDetail] })
  readonly items!: readonly WebhookDetail[];
}

/** Body: which event to send again. */
export class WebhookReplay {
  @ApiProperty({ description: 'Id of the event', example: 'mgk2x9f1-Zk3vQ8aB-7' })
  @IsString()
  @Length(1, 256)
  readonly event!: string;
}

/** The outcome of one request to an endpoint. */
export class WebhookResult {
  @ApiProperty({ description: 'Whether the endpoint has answered with a status from 200 to 299' })
  readonly delivered!: boolean;

  @ApiPropertyOptional({ description: 'HTTP status of the answer', example: 204 })
  readonly status?: number;

  @ApiPropertyOptional({ description: 'What went wrong', example: 'timeout' })
  readonly problem?: string;

  @ApiProperty({ description: 'Milliseconds', example: 12 })
  readonly durationMs!: number;
}
