import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** Maximum length of ids, names and cursors. Longer ones are refused before the stores see them. */
export const MAX_TEXT = 4096;
export const EXAMPLE_TIME = '2026-01-31T12:00:00.000Z';

const MAX_PAGE = 1000;

/** Query: which page of a list. */
export class PageParameters {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_PAGE,
    default: 100,
    description: 'Maximum number of items on a page',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  readonly limit: number = 100;

  @ApiPropertyOptional({ description: 'Cursor of the page, from the response with the previous page' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly cursor?: string;
}

/** Query: the realm of the client or room that the path names. */
export class RealmParameter {
  @ApiPropertyOptional({ default: 'default', description: 'Name of the realm' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  readonly realm: string = 'default';
}

/** Body: the reason of an action, for the audit log. */
export class Reason {
  @ApiPropertyOptional({ example: 'spam', maxLength: 256 })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  readonly reason?: string;
}
