import { Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ClientsService } from '../clients/clients.service.js';
import type { Flow } from '../nodes/node-status.js';
import { NodesService } from '../nodes/nodes.service.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems } from './api-problems.js';
import { Stats } from './cluster.dto.js';

@AdminController('stats', 'Nodes')
export class AdminStatsController {
  constructor(
    private readonly nodes: NodesService,
    private readonly clients: ClientsService,
    private readonly rooms: RoomsService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Returns the totals and rates of all nodes' })
  @ApiOkResponse({ type: Stats, description: 'The totals' })
  @ApiProblems()
  async stats(): Promise<Stats> {
    const [{ nodes }, clients, rooms] = await Promise.all([
      this.nodes.survey(),
      this.clients.count(),
      this.rooms.count(),
    ]);
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

function total(flows: readonly Flow[]): Flow {
  const sum = (member: keyof Flow): number => flows.reduce((so, flow) => so + flow[member], 0);
  return {
    frames: sum('frames'),
    bytes: sum('bytes'),
    framesPerSecond: sum('framesPerSecond'),
    bytesPerSecond: sum('bytesPerSecond'),
  };
}
