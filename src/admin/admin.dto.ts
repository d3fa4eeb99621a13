import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';

const MAX_PAGE = 1000;
const MAX_TEXT = 4096;
const PROTOCOLS = ['peer2peer-connector', 'peerjs', 'easyrtc'];
const TIME = '2026-01-31T12:00:00.000Z';

// Queries

/** Which page of a list. */
export class PageParameters {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_PAGE,
    default: 100,
    description: 'How many at most',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  readonly limit: number = 100;

  @ApiPropertyOptional({ description: 'From the page before' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly cursor?: string;
}

/** The realm of what a path names. */
export class RealmParameter {
  @ApiPropertyOptional({ default: 'default', description: 'Name of the realm' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly realm: string = 'default';
}

/** Which clients. */
export class ClientFilter extends PageParameters {
  @ApiPropertyOptional({ description: 'Only those of this realm' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly realm?: string;

  @ApiPropertyOptional({ enum: PROTOCOLS, description: 'Only those of this protocol' })
  @IsOptional()
  @IsIn(PROTOCOLS)
  readonly protocol?: string;

  @ApiPropertyOptional({ description: 'Name of a node' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly node?: string;

  @ApiPropertyOptional({ description: 'Id of a room; its realm is `default` if none is given' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly room?: string;

  @ApiPropertyOptional({ description: 'How their ids begin' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly idPrefix?: string;
}

/** Which rooms. */
export class RoomFilter extends PageParameters {
  @ApiPropertyOptional({ description: 'Only those of this realm' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly realm?: string;

  @ApiPropertyOptional({ description: 'How their ids begin' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly idPrefix?: string;
}

// Bodies

/** Why, for the audit log. */
export class Reason {
  @ApiPropertyOptional({ example: 'spam', maxLength: 256 })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  readonly reason?: string;
}

/** A message of the server's own; for the document, see `messageSignal`. */
export class OutgoingMessage {
  @ApiProperty({
    description: 'Any JSON',
    oneOf: [
      { type: 'object', nullable: true, additionalProperties: true },
      { type: 'array', items: {} },
      { type: 'string' },
      { type: 'number' },
      { type: 'boolean' },
    ],
    example: { text: 'The server restarts at noon.' },
  })
  readonly data!: unknown;

  @ApiPropertyOptional({
    description: '`msgType` for EasyRTC clients; others do not get it',
    default: 'message',
    maxLength: 256,
  })
  readonly msgType?: string;
}

/** A room without members, which exists until it is ended. */
export class RoomToCreate {
  @ApiPropertyOptional({ default: 'default', description: 'Name of the realm' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly realm: string = 'default';

  @ApiPropertyOptional({ description: 'A new one if it is left out', example: 'lobby' })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_TEXT)
  readonly id?: string;

  @ApiPropertyOptional({ description: 'For people', example: 'Lobby' })
  @IsOptional()
  @IsString()
  @MaxLength(65_536)
  readonly name?: string;
}

// Answers

/** A client that is connected. */
export class ClientSummary {
  @ApiProperty({ example: 'default' })
  readonly realm!: string;

  @ApiProperty({ example: 'nVmL4a5Fi3kCqPjHBPQEb2' })
  readonly id!: string;

  @ApiProperty({ enum: PROTOCOLS })
  readonly protocol!: string;

  @ApiProperty({ description: 'Name of the node that it is connected to' })
  readonly node!: string;

  @ApiProperty({ description: 'IP address', example: '192.0.2.7' })
  readonly address!: string;

  @ApiProperty({ format: 'date-time', example: TIME })
  readonly since!: string;
}

/** All that is known of a client. */
export class ClientDetail extends ClientSummary {
  @ApiProperty({ format: 'date-time', example: TIME })
  readonly lastSeen!: string;

  @ApiProperty({ type: [String], description: 'Ids of its rooms' })
  readonly rooms!: readonly string[];

  @ApiProperty({ example: 12 })
  readonly framesIn!: number;

  @ApiProperty({ example: 12 })
  readonly framesOut!: number;

  @ApiProperty({ example: 4096 })
  readonly bytesIn!: number;

  @ApiProperty({ example: 4096 })
  readonly bytesOut!: number;

  @ApiProperty({ example: 0, description: 'Bytes that it has not read yet' })
  readonly waitingBytes!: number;
}

/** One page of clients. */
export class ClientPage {
  @ApiProperty({ type: [ClientSummary] })
  readonly items!: readonly ClientSummary[];

  @ApiPropertyOptional({ description: 'Leads to the next page; absent on the last one' })
  readonly cursor?: string;
}

/** A member of a room. */
export class MemberDetail {
  @ApiProperty()
  readonly id!: string;

  @ApiProperty({ description: 'Name of the node that it is connected to' })
  readonly node!: string;

  @ApiProperty({ format: 'date-time', example: TIME })
  readonly joinedAt!: string;
}

/** A room. */
export class RoomSummary {
  @ApiProperty({ example: 'default' })
  readonly realm!: string;

  @ApiProperty({ example: 'lobby' })
  readonly id!: string;

  @ApiProperty({ example: 'Lobby', description: 'For people; may be empty' })
  readonly name!: string;

  @ApiPropertyOptional({ description: 'Id of the client that may end it' })
  readonly creator?: string;

  @ApiProperty({ format: 'date-time', example: TIME })
  readonly since!: string;

  @ApiProperty({ description: 'Whether it stays when nobody is in it' })
  readonly isPermanent!: boolean;

  @ApiProperty({ example: 2, description: 'Number of its members' })
  readonly size!: number;
}

/** A room with its members. */
export class RoomDetail extends RoomSummary {
  @ApiProperty({ type: [MemberDetail], description: 'In the order in which they joined' })
  readonly members!: readonly MemberDetail[];
}

/** One page of rooms. */
export class RoomPage {
  @ApiProperty({ type: [RoomSummary] })
  readonly items!: readonly RoomSummary[];

  @ApiPropertyOptional({ description: 'Leads to the next page; absent on the last one' })
  readonly cursor?: string;
}

/** A namespace of clients and rooms. */
export class RealmSummary {
  @ApiProperty({ example: 'default' })
  readonly realm!: string;

  @ApiProperty({ example: 3 })
  readonly clients!: number;

  @ApiProperty({ example: 1 })
  readonly rooms!: number;
}

/** One page of realms. */
export class RealmPage {
  @ApiProperty({ type: [RealmSummary] })
  readonly items!: readonly RealmSummary[];

  @ApiPropertyOptional({ description: 'Leads to the next page; absent on the last one' })
  readonly cursor?: string;
}

/** Frames and bytes, since the start of the node and now. */
export class FlowDetail {
  @ApiProperty({ example: 1200 })
  readonly frames!: number;

  @ApiProperty({ example: 480_000 })
  readonly bytes!: number;

  @ApiProperty({ example: 10.5, description: 'Of the last ten seconds or so' })
  readonly framesPerSecond!: number;

  @ApiProperty({ example: 4200.5 })
  readonly bytesPerSecond!: number;
}

/** A server. */
export class NodeDetail {
  @ApiProperty({ example: 'web-1-3fK8aQ' })
  readonly name!: string;

  @ApiProperty({ format: 'date-time', example: TIME })
  readonly since!: string;

  @ApiProperty({ example: '0.1.0' })
  readonly version!: string;

  @ApiProperty({ example: 120, description: 'Clients that are connected to it' })
  readonly clients!: number;

  @ApiProperty({
    description: 'Its clients by protocol',
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { peerjs: 100, easyrtc: 20 },
  })
  readonly clientsByProtocol!: Readonly<Record<string, number>>;

  @ApiProperty({ example: 125, description: 'Connections, those included that are no clients yet' })
  readonly connections!: number;

  @ApiProperty({ description: 'Whether it refuses new clients and sends its own away' })
  readonly isDraining!: boolean;

  @ApiProperty({ example: 90_000_000, description: 'Memory (RSS) in bytes' })
  readonly rssBytes!: number;

  @ApiProperty()
  readonly in!: FlowDetail;

  @ApiProperty()
  readonly out!: FlowDetail;
}

/** All servers. */
export class NodeList {
  @ApiProperty({ type: [NodeDetail] })
  readonly items!: readonly NodeDetail[];
}

/** All nodes together. */
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
