import { ApiProperty, ApiPropertyOptional, IntersectionType, PartialType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator';
import { ANY_JSON } from './any-json.js';
import { EXAMPLE_TIME, MAX_TEXT, PageParameters, Reason } from './page.dto.js';

/** Maximum number of ids in a request. */
const MAX_IDS = 1000;

/** Query: which clients to list. */
export class ClientFilter extends PageParameters {
  @ApiPropertyOptional({ description: 'Lists only this realm' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly realm?: string;

  @ApiPropertyOptional({ description: 'Lists only clients of this protocol' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly protocol?: string;

  @ApiPropertyOptional({ description: 'Lists only clients of the node with this name' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly node?: string;

  @ApiPropertyOptional({
    description: 'Lists only members of the room with this id, in the realm `default` unless `realm` is given',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly room?: string;

  @ApiPropertyOptional({ description: 'Lists only ids with this prefix' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly idPrefix?: string;

  @ApiPropertyOptional({ description: 'Lists only clients of this user: the `sub` of their tokens' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly user?: string;

  @ApiPropertyOptional({ description: 'Lists only clients of this IP address, or of this range (CIDR)' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly address?: string;
}

/** Query: which clients to list, and whether with their figures. */
export class ClientListQuery extends ClientFilter {
  @ApiPropertyOptional({
    type: 'boolean',
    default: false,
    description:
      'Adds `lastSeen`, `rooms`, frames and bytes, `userAgent` and `origin` to the items, which the nodes of the ' +
      'clients are asked for. Items of nodes that do not respond have none.',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' || value === 'false' ? value === 'true' : value))
  @IsBoolean()
  readonly figures: boolean = false;
}

/** Body: which clients to disconnect. All that is given must match. */
export class ClientsToDisconnect extends Reason {
  @ApiPropertyOptional({
    type: [String],
    maxItems: MAX_IDS,
    description: 'Ids of clients, in the realm `default` unless `realm` is given',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_IDS)
  @IsString({ each: true })
  @MaxLength(MAX_TEXT, { each: true })
  readonly ids?: readonly string[];

  @ApiPropertyOptional({ example: 'alice', description: 'The user: the `sub` of their tokens' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly user?: string;

  @ApiPropertyOptional({ example: '192.0.2.0/24', description: 'Their IP address, or a range (CIDR)' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly address?: string;

  @ApiPropertyOptional({
    example: 'lobby',
    description: 'Id of a room that they are in, in the realm `default` unless `realm` is given',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly room?: string;

  @ApiPropertyOptional({ description: 'Disconnects only clients in this realm' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly realm?: string;
}

/** Query: where to disconnect the clients of a user. */
export class UserRealm {
  @ApiPropertyOptional({ description: 'Disconnects only clients in this realm' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly realm?: string;
}

/** How many clients a request disconnects. */
export class RemovedClients {
  @ApiProperty({ example: 2, description: 'Number of clients that are being disconnected' })
  readonly removed!: number;
}

/**
 * Body: a message from the server. `messageSignal` validates it; this class only describes it in the OpenAPI document.
 */
export class OutgoingMessage {
  @ApiProperty({
    ...ANY_JSON,
    description: 'Any JSON',
    example: { text: 'The server restarts at noon.' },
  })
  readonly data!: unknown;

  @ApiPropertyOptional({
    description: '`msgType` of the message for EasyRTC clients; other clients do not receive it',
    default: 'message',
    maxLength: 256,
  })
  readonly msgType?: string;
}

/** A connected client. */
export class ClientSummary {
  @ApiProperty({ example: 'default' })
  readonly realm!: string;

  @ApiProperty({ example: 'nVmL4a5Fi3kCqPjHBPQEb2' })
  readonly id!: string;

  @ApiProperty({ example: 'peerjs' })
  readonly protocol!: string;

  @ApiPropertyOptional({ example: 'alice', description: 'The user: the `sub` of the token; absent without a token' })
  readonly user?: string;

  @ApiPropertyOptional({ example: 'Alice', description: 'The name in the token' })
  readonly name?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { plan: 'pro' },
    description: 'The attributes in the token',
  })
  readonly attributes?: Readonly<Record<string, unknown>>;

  @ApiProperty({ description: 'Name of the node that the client is connected to' })
  readonly node!: string;

  @ApiProperty({ description: 'IP address', example: '192.0.2.7' })
  readonly address!: string;

  @ApiProperty({ format: 'date-time', example: EXAMPLE_TIME })
  readonly since!: string;
}

/** The rooms and the traffic of a client, and what its request says about its software. */
export class ClientFigures {
  @ApiProperty({ format: 'date-time', example: EXAMPLE_TIME })
  readonly lastSeen!: string;

  @ApiProperty({ type: [String], description: 'Ids of the rooms that the client is in' })
  readonly rooms!: readonly string[];

  @ApiProperty({ example: 12 })
  readonly framesIn!: number;

  @ApiProperty({ example: 12 })
  readonly framesOut!: number;

  @ApiProperty({ example: 4096 })
  readonly bytesIn!: number;

  @ApiProperty({ example: 4096 })
  readonly bytesOut!: number;

  @ApiProperty({ example: 0, description: 'Bytes waiting to be written to the client' })
  readonly waitingBytes!: number;

  @ApiPropertyOptional({ example: 'Mozilla/5.0', description: '`User-Agent` of its request' })
  readonly userAgent?: string;

  @ApiPropertyOptional({ example: 'https://app.example', description: '`Origin` of its request' })
  readonly origin?: string;
}

/** A connected client with its rooms and traffic. */
export class ClientDetail extends IntersectionType(ClientSummary, ClientFigures) {}

/** A client in a list. It has figures if the request asks for them. */
export class ListedClient extends IntersectionType(ClientSummary, PartialType(ClientFigures)) {}

/** A page of clients. */
export class ClientPage {
  @ApiProperty({ type: [ListedClient] })
  readonly items!: readonly ListedClient[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last page' })
  readonly cursor?: string;

  @ApiPropertyOptional({
    example: 1200,
    description: 'Number of clients on all pages; absent while a node does not respond that has to count',
  })
  readonly total?: number;
}
