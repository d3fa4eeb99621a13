import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import { EXAMPLE_TIME, MAX_TEXT, PageParameters } from './page.dto.js';

/** Query: which rooms to list. */
export class RoomFilter extends PageParameters {
  @ApiPropertyOptional({ description: 'Lists only this realm' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly realm?: string;

  @ApiPropertyOptional({ description: 'Lists only ids with this prefix' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly idPrefix?: string;
}

/** Body: a permanent room, which exists without members until it is ended. */
export class RoomToCreate {
  @ApiPropertyOptional({ default: 'default', description: 'Name of the realm' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly realm: string = 'default';

  @ApiPropertyOptional({ description: 'Id of the room; generated if absent', example: 'lobby' })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_TEXT)
  readonly id?: string;

  @ApiPropertyOptional({ description: 'Display name', example: 'Lobby' })
  @IsOptional()
  @IsString()
  @MaxLength(65_536)
  readonly name?: string;
}

/** A member of a room. */
export class MemberDetail {
  @ApiProperty()
  readonly id!: string;

  @ApiProperty({ description: 'Name of the node that the client is connected to' })
  readonly node!: string;

  @ApiProperty({ format: 'date-time', example: EXAMPLE_TIME })
  readonly joinedAt!: string;
}

/** A room. */
export class RoomSummary {
  @ApiProperty({ example: 'default' })
  readonly realm!: string;

  @ApiProperty({ example: 'lobby' })
  readonly id!: string;

  @ApiProperty({ example: 'Lobby', description: 'Display name; may be empty' })
  readonly name!: string;

  @ApiPropertyOptional({ description: 'Id of the client that may end the room' })
  readonly creator?: string;

  @ApiProperty({ format: 'date-time', example: EXAMPLE_TIME })
  readonly since!: string;

  @ApiProperty({ description: 'Whether the room stays when its last member leaves' })
  readonly isPermanent!: boolean;

  @ApiProperty({ example: 2, description: 'Number of members' })
  readonly size!: number;
}

/** A room with its members. */
export class RoomDetail extends RoomSummary {
  @ApiProperty({ type: [MemberDetail], description: 'In the order of joining' })
  readonly members!: readonly MemberDetail[];
}

/** A page of rooms. */
export class RoomPage {
  @ApiProperty({ type: [RoomSummary] })
  readonly items!: readonly RoomSummary[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last page' })
  readonly cursor?: string;

  @ApiPropertyOptional({
    example: 1200,
    description: 'Number of rooms on all pages; absent for an `idPrefix` that more than 10,000 rooms have',
  })
  readonly total?: number;
}
