import { Body, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import type { WebhookOutcome } from '../webhooks/webhook-sender.js';
import { WebhooksService, type WebhookStatus } from '../webhooks/webhooks.service.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems, BODY_TOO_LARGE, READ_ONLY, UNKNOWN_PARAMETER } from './api-problems.js';
import { ProblemException, problemOf } from './problem.js';
import { type WebhookDetail, WebhookList, WebhookReplay, WebhookResult } from './webhook.dto.js';

const NO_WEBHOOK = 'There is no such webhook.';
const NO_EVENT = 'There is no such webhook, or no such event for it.';
const NUMBER = { name: 'n', description: 'Place in the option `webhooks`, from 0' } as const;

@AdminController('webhooks', 'Webhooks')
export class AdminWebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Get()
  @ApiOperation({ summary: 'Lists the endpoints that receive events, in the order of the option `webhooks`' })
  @ApiOkResponse({ type: WebhookList, description: 'The endpoints' })
  @ApiProblems()
  async list(): Promise<WebhookList> {
    return { items: (await this.webhooks.list()).map(detailOf) };
  }

  @Post(':n/test')
  @ApiParam(NUMBER)
  @HttpCode(200)
  @ApiOperation({ summary: 'Sends an event `webhook.test` to an endpoint at once' })
  @ApiOkResponse({ type: WebhookResult, description: 'The outcome' })
  @ApiProblems(READ_ONLY, problemOf('not-found', NO_WEBHOOK))
  async test(@Param('n') n: string): Promise<WebhookResult> {
    return resultOf(await this.webhooks.test(placeOf(n)), NO_WEBHOOK);
  }

  @Post(':n/replay')
  @ApiParam(NUMBER)
  @ApiBody({ type: WebhookReplay })
  @HttpCode(200)
  @ApiOperation({ summary: 'Sends an event to an endpoint again, at once, if the nodes still have it' })
  @ApiOkResponse({ type: WebhookResult, description: 'The outcome' })
  @ApiProblems(READ_ONLY, problemOf('not-found', NO_EVENT), UNKNOWN_PARAMETER, BODY_TOO_LARGE)
  async replay(@Param('n') n: string, @Body() { event }: WebhookReplay): Promise<WebhookResult> {
    return resultOf(await this.webhooks.replay(placeOf(n), event), NO_EVENT);
  }
}

function placeOf(n: string): number {
  return /^\d{1,3}$/.test(n) ? Number(n) : -1;
}

function resultOf(outcome: WebhookOutcome | undefined, problem: string): WebhookResult {
  if (!outcome) throw new ProblemException('not-found', problem);
  const { isDelivered, ...rest } = outcome;
  return { delivered: isDelivered, ...rest };
}

function detailOf({ endpoint, state }: WebhookStatus): WebhookDetail {
  const { n, shownUrl: url, events, realms } = endpoint;
  const { waiting = 0, dropped = 0, node, lastSuccess, lastError, endedAt } = state ?? {};
  const isFailing = lastError !== undefined && lastError.at > (lastSuccess ?? '');
  const now = endedAt !== undefined ? 'ended' : isFailing ? 'failing' : 'delivering';
  return { n, url, events, realms, state: now, waiting, dropped, node, lastSuccess, lastError };
}
