import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { EXAMPLE_TIME, MAX_TEXT, Reason } from './page.dto.js';

/** Longest time of a block: 30 days. */
const MAX_SECONDS = 2_592_000;

/** Body: the block to make. It names an address or a user. */
export class BlockToMake extends Reason {
  @ApiPropertyOptional({
    example: '203.0.113.9',
    description:
      'An IP address, or a range (CIDR) of at least /8, or /16 for IPv6. An IPv6 address stands for its /64.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly address?: string;

  @ApiPropertyOptional({ example: 'alice', description: 'The user: the `sub` of the tokens' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly user?: string;

  @ApiPropertyOptional({ description: 'Blocks the user in this realm alone' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly realm?: string;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: MAX_SECONDS, example: 3600, description: 'How long' })
  @IsInt()
  @Min(1)
  @Max(MAX_SECONDS)
  readonly seconds!: number;

  @ApiPropertyOptional({ default: true, description: 'Whether to disconnect the clients that are connected' })
  @IsOptional()
  @IsBoolean()
  readonly disconnect: boolean = true;
}

/** A block in force. */
export class BlockDetail {
  @ApiProperty({ description: 'The same for the same address or user', example: 'b1nTz0v8Qk3xLw7c' })
  readonly id!: string;

  @ApiPropertyOptional({ description: 'The address or range that is blocked', example: '203.0.113.9' })
  readonly address?: string;

  @ApiPropertyOptional({ description: 'The user that is blocked', example: 'alice' })
  readonly user?: string;

  @ApiPropertyOptional({ description: 'The only realm in which the user is blocked', example: 'acme' })
  readonly realm?: string;

  @ApiPropertyOptional({ example: 'spam' })
  readonly reason?: string;

  @ApiProperty({ description: 'Name of the admin', example: 'olga' })
  readonly by!: string;

  @ApiProperty({ format: 'date-time', example: EXAMPLE_TIME })
  readonly since!: string;

  @ApiProperty({ format: 'date-time', description: 'When it ends', example: EXAMPLE_TIME })
  readonly until!: string;
}

/** A block that was made. */
export class MadeBlock extends BlockDetail {
  @ApiProperty({ example: 2, description: 'Number of clients that are being disconnected' })
  readonly removed!: number;
}

/** All blocks. */
export class BlockList {
  @ApiProperty({ type: [BlockDetail], description: 'The next to end first' })
  readonly items!: readonly BlockDetail[];

  @ApiProperty({ example: 3 })
  readonly total!: number;
}
