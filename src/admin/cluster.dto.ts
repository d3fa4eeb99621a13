import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { LOG_THRESHOLDS, type LogThreshold } from '../logging/logger.js';
import { EXAMPLE_TIME } from './page.dto.js';

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

  @ApiProperty()
  readonly in!: FlowDetail;

  @ApiProperty()
  readonly out!: FlowDetail;
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

/** Totals of all nodes. */
export class Stats {
  @ApiProperty({ example: 2 })
  readonly nodes!: number;

  @ApiProperty({ example: 240 })
  readonly clients!: number;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' }, example: { peerjs: 200, easyrtc: 40 } })
  readonly clientsByProtocol!: Readonly<Record<string, number>>;

  @ApiProperty({ example: 12 })
  readonly rooms!: number;

  @ApiProperty()
  readonly in!: FlowDetail;

  @ApiProperty()
  readonly out!: FlowDetail;
}
