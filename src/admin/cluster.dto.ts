import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { LOG_THRESHOLDS, type LogThreshold } from '../logging/logger.js';
import { EXAMPLE_TIME } from './page.dto.js';
import { TokenDetail } from './token.dto.js';

const CHECKS: ApiPropertyOptions = {
  type: [String],
  example: ['draining'],
  description:
    'Why the node does not accept clients, as `/health/ready` answers: `backplane`, `eventLoopDelayMs`, `rssBytes`, ' +
    '`draining`; empty if it does',
};

/** Frames and bytes in one direction: totals since the node started, and current rates. */
export class FlowDetail {
  @ApiProperty({ example: 1200 })
  readonly frames!: number;

  @ApiProperty({ example: 480_000 })
  readonly bytes!: number;

  @ApiProperty({ example: 10.5, description: 'Average of about the last ten seconds' })
  readonly framesPerSecond!: number;

  @ApiProperty({ example: 4200.5 })
  readonly bytesPerSecond!: number;
}

/** A node, which is one server process. */
export class NodeDetail {
  @ApiProperty({ example: 'web-1-3fK8aQ' })
  readonly name!: string;

  @ApiProperty({ format: 'date-time', example: EXAMPLE_TIME })
  readonly since!: string;

  @ApiProperty({ example: '0.1.0' })
  readonly version!: string;

  @ApiProperty({ example: 120, description: 'Clients connected to the node' })
  readonly clients!: number;

  @ApiProperty({
    description: 'Connected clients by protocol',
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { peerjs: 100, easyrtc: 20 },
  })
  readonly clientsByProtocol!: Readonly<Record<string, number>>;

  @ApiProperty({
    example: 125,
    description: 'Open connections, including those that are not registered as clients yet',
  })
  readonly connections!: number;

  @ApiProperty({ description: 'Whether the node is draining: refusing new clients and disconnecting its own' })
  readonly isDraining!: boolean;

  @ApiProperty({ enum: LOG_THRESHOLDS, description: 'Lowest level of the lines that the node logs' })
  readonly logLevel!: LogThreshold;

  @ApiProperty({ example: 90_000_000, description: 'Resident memory (RSS) in bytes' })
  readonly rssBytes!: number;

  @ApiProperty({
    example: 21,
    description: '99th percentile of the event loop delay in the last ten seconds at most, in milliseconds',
  })
  readonly eventLoopDelayMs!: number;

  @ApiProperty(CHECKS)
  readonly notReady!: readonly string[];

  @ApiProperty()
  readonly in!: FlowDetail;

  @ApiProperty()
  readonly out!: FlowDetail;

  @ApiProperty({ example: 0.5, description: 'Refused connection requests: average of about the last ten seconds' })
  readonly refusedPerSecond!: number;
}

/** All nodes. */
export class NodeList {
  @ApiProperty({ type: [NodeDetail] })
  readonly items!: readonly NodeDetail[];

  @ApiProperty({
    type: [String],
    description: 'Names of nodes that do not respond, by name. A dead node is among them until its heartbeat expires.',
  })
  readonly unreachable!: readonly string[];
}

/** Body: what a node logs. */
export class LogLevelChange {
  @ApiProperty({ enum: LOG_THRESHOLDS, description: 'Lowest level that is logged; `silent` logs nothing' })
  @IsIn(LOG_THRESHOLDS)
  readonly level!: LogThreshold;
}

/** A node that does not accept clients. */
export class UnreadyNode {
  @ApiProperty({ example: 'web-1-3fK8aQ', description: 'Name of the node' })
  readonly node!: string;

  @ApiProperty(CHECKS)
  readonly checks!: readonly string[];
}

/** Totals of all nodes. */
export class Stats {
  @ApiProperty({ example: '0.1.0', description: 'Version of the node that answers' })
  readonly version!: string;

  @ApiProperty({ description: 'Whether all nodes respond and accept clients' })
  readonly isReady!: boolean;

  @ApiProperty({ type: [UnreadyNode], description: 'The nodes that respond and do not accept clients' })
  readonly notReady!: readonly UnreadyNode[];

  @ApiProperty({ type: [String], description: 'Names of nodes that do not respond, by name' })
  readonly unreachable!: readonly string[];

  @ApiProperty({ enum: ['up', 'down'], description: 'Whether the backplane responds, which is memory or Redis' })
  readonly backplane!: 'up' | 'down';

  @ApiProperty({ example: 2, description: 'Number of nodes that respond' })
  readonly nodes!: number;

  @ApiPropertyOptional({ example: 240, description: 'Absent while the backplane is down' })
  readonly clients?: number;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' }, example: { peerjs: 200, easyrtc: 40 } })
  readonly clientsByProtocol!: Readonly<Record<string, number>>;

  @ApiPropertyOptional({ example: 12, description: 'Absent while the backplane is down' })
  readonly rooms?: number;

  @ApiProperty()
  readonly in!: FlowDetail;

  @ApiProperty()
  readonly out!: FlowDetail;

  @ApiProperty({ example: 0.5, description: 'Refused connection requests: average of about the last ten seconds' })
  readonly refusedPerSecond!: number;

  @ApiProperty({ description: 'What the token of the request permits' })
  readonly admin!: TokenDetail;
}
