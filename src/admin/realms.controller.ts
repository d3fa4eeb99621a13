import { Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ClientsService } from '../clients/clients.service.js';
import type { Page, PageQuery, RealmCount } from '../common/page.js';
import { Realms } from '../realms/realms.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems, LIMIT_TOO_SMALL } from './api-problems.js';
import { PageParameters } from './page.dto.js';
import { RealmPage, RealmSummary } from './realm.dto.js';
import { OfRealm, type RealmScope, Scope } from './realm-scope.js';

/** Size of the pages in which all realms are read for a token that is bound to some. */
const PAGE = 1000;

@AdminController('realms')
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
      countsFor(scope, query, (page) => this.clients.realms(page)),
      countsFor(scope, query, (page) => this.rooms.realms(page)),
    ]);
    const all = this.merged(clients.items, rooms.items).filter(({ realm }) => {
      return scope.includes(realm) && (query.cursor === undefined || realm > query.cursor);
    });
    const items = all.slice(0, query.limit);
    const isLast = clients.cursor === undefined && rooms.cursor === undefined && all.length <= query.limit;
    return { items, cursor: isLast ? undefined : items.at(-1)?.realm };
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

/** Returns the counts of a page, or, for a token that is bound to realms, of all its realms. */
async function countsFor(
  { realms }: RealmScope,
  query: PageQuery,
  read: (query: PageQuery) => Promise<Page<RealmCount>>,
): Promise<Page<RealmCount>> {
  if (!realms) return read(query);
  const items: RealmCount[] = [];
  let cursor: string | undefined;
  do {
    const page = await read({ limit: PAGE, cursor });
    items.push(...page.items.filter(({ realm }) => realms.has(realm)));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return { items };
}

function byRealm(counts: readonly RealmCount[]): Map<string, number> {
  return new Map(counts.map(({ realm, count }) => [realm, count]));
}

/** Compares as `<`, as the stores sort. */
function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}
