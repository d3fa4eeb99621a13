import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** The limits of a realm. One that is absent does not exist. */
export class RealmLimitsDetail {
  @ApiPropertyOptional({ description: 'Clients on each node', example: 5000 })
  readonly maxClients?: number;

  @ApiPropertyOptional({ description: 'Clients of one user on all nodes', example: 5 })
  readonly maxClientsPerUser?: number;

  @ApiPropertyOptional({ description: 'Rooms on all nodes', example: 1000 })
  readonly maxRooms?: number;

  @ApiProperty({ description: 'Members of each room', example: 50 })
  readonly maxRoomMembers!: number;

  @ApiProperty({ description: 'Sustained rate of each connection', example: 100 })
  readonly framesPerSecond!: number;
}

/** A realm, which is a namespace of clients and rooms. */
export class RealmSummary {
  @ApiProperty({ example: 'default' })
  readonly realm!: string;

  @ApiProperty({ example: 3 })
  readonly clients!: number;

  @ApiProperty({ example: 1 })
  readonly rooms!: number;

  @ApiPropertyOptional({ type: RealmLimitsDetail, description: 'Present for the realms of the option `realms`' })
  readonly limits?: RealmLimitsDetail;
}

/** A page of realms. */
export class RealmPage {
  @ApiProperty({ type: [RealmSummary] })
  readonly items!: readonly RealmSummary[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last page' })
  readonly cursor?: string;

  @ApiProperty({ example: 2, description: 'Number of realms on all pages' })
  readonly total!: number;
}
