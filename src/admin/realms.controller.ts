import { Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ClientsService } from '../clients/clients.service.js';
import type { RealmCount } from '../common/page.js';
import { Realms } from '../realms/realms.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems, LIMIT_TOO_SMALL } from './api-problems.js';
import { PageParameters } from './page.dto.js';
import { RealmPage, RealmSummary } from './realm.dto.js';
import { OfRealm, type RealmScope, Scope } from './realm-scope.js';
import { allRealms } from './totals.js';

@AdminController('realms', 'Realms')
export class AdminRealmsController {
  constructor(
    private readonly realms: Realms,
    private readonly clients: ClientsService,
    private readonly rooms: RoomsService,
  ) {}

  @Get()
  @OfRealm('filter')
  @ApiOperation({ summary: 'Lists the realms of the configuration, and those with clients or rooms, by name' })
  @ApiOkResponse({ type: RealmPage, description: 'A page of realms' })
  @ApiProblems(LIMIT_TOO_SMALL)
  async list(@Query() query: PageParameters, @Scope() scope: RealmScope): Promise<RealmPage> {
    const [clients, rooms] = await Promise.all([
      allRealms((page) => this.clients.realms(page)),
      allRealms((page) => this.rooms.realms(page)),
    ]);
    const all = this.merged(clients, rooms).filter(({ realm }) => scope.includes(realm));
    const rest = all.filter(({ realm }) => query.cursor === undefined || realm > query.cursor);
    const items = rest.slice(0, query.limit);
    return { items, cursor: rest.length > query.limit ? items.at(-1)?.realm : undefined, total: all.length };
  }

  private merged(clients: readonly RealmCount[], rooms: readonly RealmCount[]): RealmSummary[] {
    const configured = new Map(this.realms.areNamed ? this.realms.all().map((realm) => [realm.name, realm]) : []);
    const counts = { clients: byRealm(clients), rooms: byRealm(rooms) };
    const names = new Set([...configured.keys(), ...counts.clients.keys(), ...counts.rooms.keys()]);
    return [...names].sort(compare).map((realm) => {
      const limits = configured.get(realm)?.limits;
      const summary = { realm, clients: counts.clients.get(realm) ?? 0, rooms: counts.rooms.get(realm) ?? 0 };
      return limits ? { ...summary, limits } : summary;
    });
  }
}

function byRealm(counts: readonly RealmCount[]): Map<string, number> {
  return new Map(counts.map(({ realm, count }) => [realm, count]));
}

/** Compares as `<`, as the stores sort. */
function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}
