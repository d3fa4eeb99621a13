import { Body, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import type { NodeStatus } from '../nodes/node-status.js';
import { NodesService } from '../nodes/nodes.service.js';
import { isoTime } from './admin-mapping.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems, READ_ONLY } from './api-problems.js';
import { LogLevelChange, NodeDetail, NodeList } from './cluster.dto.js';
import { ProblemException, problemOf } from './problem.js';

const NO_SUCH_NODE = 'There is no such node.';
const STOPPING = 'The node is shutting down.';

@AdminController('nodes', 'Nodes')
export class AdminNodesController {
  constructor(private readonly nodes: NodesService) {}

  @Get()
  @ApiOperation({ summary: 'Lists the nodes, and the names of those that do not respond' })
  @ApiOkResponse({ type: NodeList, description: 'The nodes' })
  @ApiProblems()
  async list(): Promise<NodeList> {
    const { nodes, unreachable } = await this.nodes.survey();
    return { items: nodes.map(detailOf), unreachable };
  }

  @Post(':id/drain')
  @ApiParam({ name: 'id', description: 'Name of the node' })
  @HttpCode(202)
  @ApiOperation({
    summary: 'Drains a node: it refuses new clients and disconnects its own, and its process keeps running',
  })
  @ApiAcceptedResponse({ description: 'The drain has started' })
  @ApiProblems(READ_ONLY, problemOf('not-found', NO_SUCH_NODE))
  async drain(@Param('id') id: string): Promise<void> {
    if (!(await this.nodes.drain(id))) throw new ProblemException('not-found', NO_SUCH_NODE);
  }

  @Post(':id/undrain')
  @ApiParam({ name: 'id', description: 'Name of the node' })
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends the drain of a node, which accepts clients again' })
  @ApiNoContentResponse({ description: 'The node accepts clients' })
  @ApiProblems(READ_ONLY, problemOf('not-found', NO_SUCH_NODE), problemOf('unavailable', STOPPING))
  async undrain(@Param('id') id: string): Promise<void> {
    const isAccepting = await this.nodes.undrain(id);
    if (isAccepting === undefined) throw new ProblemException('not-found', NO_SUCH_NODE);
    if (!isAccepting) throw new ProblemException('unavailable', STOPPING);
  }

  @Put(':id/log-level')
  @ApiParam({ name: 'id', description: 'Name of the node' })
  @ApiBody({ type: LogLevelChange })
  @HttpCode(204)
  @ApiOperation({ summary: 'Sets the lowest level of the lines that a node logs, until it restarts' })
  @ApiNoContentResponse({ description: 'The node logs lines of this level and above' })
  @ApiProblems(
    READ_ONLY,
    problemOf('bad-request', 'property relm should not exist'),
    problemOf('not-found', NO_SUCH_NODE),
  )
  async setLogLevel(@Param('id') id: string, @Body() { level }: LogLevelChange): Promise<void> {
    if (!(await this.nodes.setLogLevel(id, level))) throw new ProblemException('not-found', NO_SUCH_NODE);
  }
}

function detailOf(status: NodeStatus): NodeDetail {
  return { ...status, since: isoTime(status.since) };
}
