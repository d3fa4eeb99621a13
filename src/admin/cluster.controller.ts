import { Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ClientsService } from '../clients/clients.service.js';
import type { RealmCount } from '../common/page.js';
import type { Flow, NodeStatus } from '../nodes/node-status.js';
import { NodesService } from '../nodes/nodes.service.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { isoTime } from './admin-mapping.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems, LIMIT_TOO_SMALL, READ_ONLY } from './api-problems.js';
import { NodeDetail, NodeList, RealmPage, RealmSummary, Stats } from './cluster.dto.js';
import { PageParameters } from './page.dto.js';
import { ProblemException, problemOf } from './problem.js';

@AdminController('')
export class AdminClusterController {
  constructor(
    private readonly nodes: NodesService,
    private readonly clients: ClientsService,
    private readonly rooms: RoomsService,
  ) {}

  @Get('realms')
  @ApiOperation({ summary: 'Lists the realms with clients or rooms, by name' })
  @ApiOkResponse({ type: RealmPage, description: 'A page of realms' })
  @ApiProblems(LIMIT_TOO_SMALL)
  async realms(@Query() query: PageParameters): Promise<RealmPage> {
    const [clients, rooms] = await Promise.all([this.clients.realms(query), this.rooms.realms(query)]);
    const all = merged(clients.items, rooms.items);
    const items = all.slice(0, query.limit);
    const isLast = clients.cursor === undefined && rooms.cursor === undefined && all.length <= query.limit;
    return { items, cursor: isLast ? undefined : items.at(-1)?.realm };
  }

  @Get('nodes')
  @ApiOperation({ summary: 'Lists the nodes that respond' })
  @ApiOkResponse({ type: NodeList, description: 'The nodes' })
  @ApiProblems()
  async list(): Promise<NodeList> {
    return { items: (await this.nodes.list()).map(detailOf) };
  }

  @Post('nodes/:id/drain')
  @ApiParam({ name: 'id', description: 'Name of the node' })
  @HttpCode(202)
  @ApiOperation({
    summary: 'Drains a node: it refuses new clients and disconnects its own, and its process keeps running',
  })
  @ApiAcceptedResponse({ description: 'The drain has started' })
  @ApiProblems(READ_ONLY, problemOf('not-found', 'There is no such node.'))
  async drain(@Param('id') id: string): Promise<void> {
    if (!(await this.nodes.drain(id))) throw new ProblemException('not-found', 'There is no such node.');
  }

  @Get('stats')
  @ApiOperation({ summary: 'Returns the totals and rates of all nodes' })
  @ApiOkResponse({ type: Stats, description: 'The totals' })
  @ApiProblems()
  async stats(): Promise<Stats> {
    const [nodes, clients, rooms] = await Promise.all([this.nodes.list(), this.clients.count(), this.rooms.count()]);
    const clientsByProtocol: Record<string, number> = {};
    for (const node of nodes) {
      for (const [protocol, count] of Object.entries(node.clientsByProtocol)) {
        clientsByProtocol[protocol] = (clientsByProtocol[protocol] ?? 0) + count;
      }
    }
    const flows = { in: total(nodes.map((node) => node.in)), out: total(nodes.map((node) => node.out)) };
    return { nodes: nodes.length, clients, clientsByProtocol, rooms, ...flows };
  }
}

function detailOf(status: NodeStatus): NodeDetail {
  return { ...status, since: isoTime(status.since) };
}

function merged(clients: readonly RealmCount[], rooms: readonly RealmCount[]): RealmSummary[] {
  const realms = new Map<string, { clients: number; rooms: number }>();
  for (const { realm, count } of clients) realms.set(realm, { clients: count, rooms: 0 });
  for (const { realm, count } of rooms) realms.set(realm, { clients: realms.get(realm)?.clients ?? 0, rooms: count });
  return [...realms].map(([realm, counts]) => ({ realm, ...counts })).sort((a, b) => (a.realm < b.realm ? -1 : 1));
}

function total(flows: readonly Flow[]): Flow {
  const sum = (member: keyof Flow): number => flows.reduce((so, flow) => so + flow[member], 0);
  return {
    frames: sum('frames'),
    bytes: sum('bytes'),
    framesPerSecond: sum('framesPerSecond'),
    bytesPerSecond: sum('bytesPerSecond'),
  };
}
