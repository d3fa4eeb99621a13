import { Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { HistoryService, INTERVAL_SECONDS } from '../history/history.service.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems } from './api-problems.js';
import { History, HistoryQuery } from './history.dto.js';
import { problemOf } from './problem.js';

@AdminController('history', 'Nodes')
export class AdminHistoryController {
  constructor(private readonly history: HistoryService) {}

  @Get()
  @ApiOperation({
    summary: 'Returns the last 15 minutes of each node, a sample every 5 seconds, by columns',
    description:
      'A page that polls passes `next` of a response as `since` of the next request, and gets newer samples only. A ' +
      'sample that a node has returned already may come again while another node is late. While the backplane is ' +
      'away, only the node that responds is listed.',
  })
  @ApiOkResponse({ type: History, description: 'The samples' })
  @ApiProblems(problemOf('bad-request', 'since must not be less than 0'))
  async read(@Query() { since }: HistoryQuery): Promise<History> {
    const { answers, unreachable } = await this.history.survey(since);
    const newest = answers.flatMap((node) => node.newest ?? []);
    return {
      intervalSeconds: INTERVAL_SECONDS,
      next: newest.length === 0 ? since : Math.min(...newest),
      nodes: answers.map(({ name, columns }) => ({ name, ...columns })),
      unreachable,
    };
  }
}
