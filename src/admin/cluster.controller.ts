import { Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ClientsService } from '../clients/clients.service.js';
import type { Flow, NodeStatus } from '../nodes/node-status.js';
import { NodesService } from '../nodes/nodes.service.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { isoTime } from './admin-mapping.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems, READ_ONLY } from './api-problems.js';
import { NodeDetail, NodeList, Stats } from './cluster.dto.js';
import { ProblemException, problemOf } from './problem.js';

@AdminController('')
export class AdminClusterController {
  constructor(
    private readonly nodes: NodesService,
    private readonly clients: ClientsService,
    private readonly rooms: RoomsService,
  ) {}

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

function total(flows: readonly Flow[]): Flow {
  const sum = (member: keyof Flow): number => flows.reduce((so, flow) => so + flow[member], 0);
  return {
    frames: sum('frames'),
    bytes: sum('bytes'),
    framesPerSecond: sum('framesPerSecond'),
    bytesPerSecond: sum('bytesPerSecond'),
  };
}
