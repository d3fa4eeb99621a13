import { Injectable } from '@nestjs/common';
import { ClientsService } from '../clients/clients.service.js';
import { isUnavailable } from '../common/domain-error.js';
import type { Page, PageQuery, RealmCount } from '../common/page.js';
import { SelectedClients } from '../nodes/selected-clients.js';
import { RoomsService } from '../rooms/rooms.service.js';
import type { ClientFilter } from './client.dto.js';
import type { RealmScope } from './realm-scope.js';
import type { RoomFilter } from './room.dto.js';

/** Size of the pages in which whole lists are read. */
const PAGE = 1000;
/** Maximum number of rooms that are read for a total. */
const MAX_READ = 10_000;

/** Counts what lists contain on all their pages, for the realms that an admin sees. */
@Injectable()
export class Totals {
  constructor(
    private readonly clients: ClientsService,
    private readonly rooms: RoomsService,
    private readonly selected: SelectedClients,
  ) {}

  /** Returns the number of clients that match; undefined while a node does not respond that has to be asked for it. */
  async ofClients({ limit: _, cursor: __, ...filter }: ClientFilter, scope: RealmScope): Promise<number | undefined> {
    const { realm, ...others } = filter;
    if (Object.values<unknown>(others).every((value) => value === undefined)) {
      if (realm === undefined && !scope.realms) return this.clients.count();
      return countIn(await allRealms((query) => this.clients.realms(query)), scope, realm);
    }
    try {
      return await this.selected.count({ ...filter, ...(scope.realms && { realms: [...scope.realms] }) });
    } catch (error) {
      if (isUnavailable(error)) return undefined;
      throw error;
    }
  }

  /** Returns the number of rooms that match; undefined if more than 10,000 have to be read for it. */
  async ofRooms({ realm, idPrefix = '' }: RoomFilter, scope: RealmScope): Promise<number | undefined> {
    if (idPrefix !== '') return this.roomsWith({ realm, idPrefix }, scope);
    if (realm === undefined && !scope.realms) return this.rooms.count();
    return countIn(await allRealms((query) => this.rooms.realms(query)), scope, realm);
  }

  private async roomsWith(
    filter: { realm?: string; idPrefix: string },
    scope: RealmScope,
  ): Promise<number | undefined> {
    let read = 0;
    let count = 0;
    for await (const rooms of pagesOf((query) => this.rooms.list({ ...filter, ...query }))) {
      read += rooms.length;
      if (read > MAX_READ) return undefined;
      count += rooms.filter(({ realm }) => scope.includes(realm)).length;
    }
    return count;
  }
}

/** Reads all pages of realms. */
export async function allRealms(read: (query: PageQuery) => Promise<Page<RealmCount>>): Promise<RealmCount[]> {
  const all: RealmCount[] = [];
  for await (const counts of pagesOf(read)) all.push(...counts);
  return all;
}

async function* pagesOf<T>(read: (query: PageQuery) => Promise<Page<T>>): AsyncGenerator<readonly T[]> {
  let cursor: string | undefined;
  do {
    const page = await read({ limit: PAGE, cursor });
    yield page.items;
    ({ cursor } = page);
  } while (cursor !== undefined);
}

function countIn(counts: readonly RealmCount[], scope: RealmScope, wanted: string | undefined): number {
  return counts
    .filter(({ realm }) => scope.includes(realm) && (wanted === undefined || realm === wanted))
    .reduce((sum, { count }) => sum + count, 0);
}
