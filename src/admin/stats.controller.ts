import { Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Admin } from '../access/admin-token.js';
import { ClientsService } from '../clients/clients.service.js';
import { Backplane } from '../common/backplane.js';
import { NodeReport } from '../nodes/node-report.js';
import type { Flow, NodeStatus, NodeSurvey } from '../nodes/node-status.js';
import { NodesService } from '../nodes/nodes.service.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems } from './api-problems.js';
import { Stats } from './cluster.dto.js';
import { RequestAdmin } from './realm-scope.js';
import { tokenDetailOf } from './token.dto.js';

@AdminController('stats', 'Nodes')
export class AdminStatsController {
  constructor(
    private readonly nodes: NodesService,
    private readonly report: NodeReport,
    private readonly clients: ClientsService,
    private readonly rooms: RoomsService,
    private readonly backplane: Backplane,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Returns the totals, rates and readiness of all nodes, and what the token of the request permits',
    description:
      'Cheap enough to be polled. While the backplane is away, the figures are of the node that responds, and there ' +
      'are no totals of clients and rooms.',
  })
  @ApiOkResponse({ type: Stats, description: 'The totals' })
  @ApiProblems()
  async stats(@RequestAdmin() admin: Admin): Promise<Stats> {
    const { isAvailable } = this.backplane;
    const [survey, clients, rooms] = await (isAvailable
      ? Promise.all([this.nodes.survey(), this.clients.count(), this.rooms.count()])
      : ([{ nodes: [this.report.status()], unreachable: [] }] as const));
    return {
      version: this.report.status().version,
      ...readiness(survey),
      backplane: isAvailable ? 'up' : 'down',
      clients,
      rooms,
      ...figures(survey.nodes),
      admin: tokenDetailOf(admin),
    };
  }
}

function readiness({ nodes, unreachable }: NodeSurvey): Pick<Stats, 'isReady' | 'notReady' | 'unreachable'> {
  const notReady = nodes.filter((node) => node.notReady.length > 0);
  return {
    isReady: notReady.length === 0 && unreachable.length === 0,
    notReady: notReady.map(({ name, notReady: checks }) => ({ node: name, checks })),
    unreachable,
  };
}

function figures(nodes: readonly NodeStatus[]) {
  const clientsByProtocol: Record<string, number> = {};
  for (const node of nodes) {
    for (const [protocol, count] of Object.entries(node.clientsByProtocol)) {
      clientsByProtocol[protocol] = (clientsByProtocol[protocol] ?? 0) + count;
    }
  }
  const flows = { in: totalOf(nodes.map((node) => node.in)), out: totalOf(nodes.map((node) => node.out)) };
  const refusedPerSecond = rounded(nodes.reduce((sum, node) => sum + node.refusedPerSecond, 0));
  return { nodes: nodes.length, clientsByProtocol, ...flows, refusedPerSecond };
}

function totalOf(flows: readonly Flow[]): Flow {
  const sum = (member: keyof Flow): number => flows.reduce((total, flow) => total + flow[member], 0);
  return {
    frames: sum('frames'),
    bytes: sum('bytes'),
    framesPerSecond: sum('framesPerSecond'),
    bytesPerSecond: sum('bytesPerSecond'),
  };
}

function rounded(rate: number): number {
  return Math.round(rate * 10) / 10;
}
