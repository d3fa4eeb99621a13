import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Admin, AdminRole } from '../access/admin-token.js';

/** What the token of a request permits. */
export class TokenDetail {
  @ApiProperty({ example: 'olga', description: 'Name of the token in the configuration' })
  readonly name!: string;

  @ApiProperty({ enum: ['read', 'operate'], description: '`read` permits reading only, `operate` also changes' })
  readonly scope!: AdminRole;

  @ApiPropertyOptional({
    type: [String],
    example: ['acme'],
    description: 'The realms that the token is bound to; absent if it is not bound',
  })
  readonly realms?: readonly string[];
}

export function tokenDetailOf({ name, role, realms }: Admin): TokenDetail {
  return { name, scope: role, ...(realms && { realms: [...realms] }) };
}
