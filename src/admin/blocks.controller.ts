import { createHash } from 'node:crypto';
import { Body, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import type { Admin } from '../access/admin-token.js';
import type { Block } from '../blocks/block-store.js';
import { blockedRange, INVALID_RANGE } from '../blocks/blocked-range.js';
import { BlocksService, MAX_BLOCKS } from '../blocks/blocks.service.js';
import { DomainError } from '../common/domain-error.js';
import { SelectedClients } from '../nodes/selected-clients.js';
import { isoTime } from './admin-mapping.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems, BODY_TOO_LARGE, ofError, READ_ONLY, UNKNOWN_PARAMETER } from './api-problems.js';
import { BlockDetail, BlockList, BlockToMake, MadeBlock } from './block.dto.js';
import { ProblemException, problemOf } from './problem.js';
import { OfRealm, type RealmScope, RequestAdmin, Scope } from './realm-scope.js';

const ONE_OF_BOTH = 'either address or user is needed, and realm only beside user';
const NO_BLOCK = 'There is no such block.';
const OTHER_REALMS = 'This token is bound to realms: it blocks users in one of them.';

@AdminController('blocks', 'Clients')
export class AdminBlocksController {
  constructor(
    private readonly blocks: BlocksService,
    private readonly selected: SelectedClients,
  ) {}

  @Get()
  @OfRealm('filter')
  @ApiOperation({
    summary: 'Lists the addresses and users that are blocked',
    description: 'A token that is bound to realms sees the blocks of users in these alone.',
  })
  @ApiOkResponse({ type: BlockList, description: 'The blocks in force' })
  @ApiProblems()
  async list(@Scope() scope: RealmScope): Promise<BlockList> {
    const items = (await this.blocks.list()).filter((block) => isWithin(scope, block)).map(detailOf);
    return { items, total: items.length };
  }

  @Post()
  @OfRealm('filter in body')
  @ApiBody({ type: BlockToMake })
  @ApiOperation({
    summary: 'Blocks an address or a user for a time, on all nodes',
    description:
      'New connections from the address get 403 with Retry-After; clients of the user are refused as not authorized. ' +
      'Connected clients are disconnected and hear the reason, unless `disconnect` is false. A further block of the ' +
      'same address or user replaces the former one.',
  })
  @ApiCreatedResponse({ type: MadeBlock, description: 'The block is in force' })
  @ApiProblems(
    ofError('INVALID_REQUEST', { reason: ONE_OF_BOTH }),
    ofError('INVALID_REQUEST', { reason: INVALID_RANGE }),
    UNKNOWN_PARAMETER,
    READ_ONLY,
    problemOf('forbidden', OTHER_REALMS),
    ofError('LIMIT_REACHED', { what: 'blocks', limit: MAX_BLOCKS }),
    BODY_TOO_LARGE,
  )
  async make(
    @Body() { seconds, disconnect, ...body }: BlockToMake,
    @Scope() scope: RealmScope,
    @RequestAdmin() { name: by }: Admin,
  ): Promise<MadeBlock> {
    const target = targetOf(body);
    if (!isWithin(scope, target)) throw new ProblemException('forbidden', OTHER_REALMS);
    const { reason } = body;
    const about = { ...(reason !== undefined && { reason }), by, since: Date.now() };
    const block = await this.blocks.add({ id: idOf(target), ...target, ...about }, seconds * 1000);
    const { realm, ...filters } = target;
    const selection = { ...filters, ...(realm !== undefined && { realms: [realm] }) };
    return { ...detailOf(block), removed: disconnect ? await this.selected.disconnect(selection, reason) : 0 };
  }

  @Delete(':id')
  @OfRealm('filter')
  @ApiParam({ name: 'id', description: 'Id of the block' })
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends a block on all nodes' })
  @ApiNoContentResponse({ description: 'The block has ended' })
  @ApiProblems(READ_ONLY, problemOf('not-found', NO_BLOCK))
  async end(@Param('id') id: string, @Scope() scope: RealmScope): Promise<void> {
    const block = (await this.blocks.list()).find((one) => one.id === id);
    const isSeen = block !== undefined && isWithin(scope, block);
    if (!isSeen || !(await this.blocks.remove(id))) throw new ProblemException('not-found', NO_BLOCK);
  }
}

/** The address or the user that a block applies to. */
type Target = Pick<Block, 'address' | 'user' | 'realm'>;

/**
 * Checks the target of a request. The address becomes the range that its block covers.
 * @throws DomainError INVALID_REQUEST
 */
function targetOf({ address, user, realm }: Target): Target {
  if ((address === undefined) === (user === undefined) || (address !== undefined && realm !== undefined)) {
    throw new DomainError('INVALID_REQUEST', { reason: ONE_OF_BOTH });
  }
  if (address === undefined) return { user, ...(realm !== undefined && { realm }) };
  const range = blockedRange(address);
  if (range === undefined) throw new DomainError('INVALID_REQUEST', { reason: INVALID_RANGE });
  return { address: range };
}

/** Whether an admin may see and change a block. A token that is bound to realms concerns their users alone. */
function isWithin({ realms }: RealmScope, { realm }: Target): boolean {
  return realms === undefined || (realm !== undefined && realms.has(realm));
}

/** A block of the same target replaces the former one. */
function idOf({ address, user, realm }: Target): string {
  return createHash('sha256')
    .update(JSON.stringify([address, user, realm]))
    .digest('base64url')
    .slice(0, 16);
}

function detailOf({ remainingMs: _, since, until, ...block }: Block): BlockDetail {
  return { ...block, since: isoTime(since), until: isoTime(until) };
}
