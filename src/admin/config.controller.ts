import { Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { NodeIdentity } from '../common/node-identity.js';
import { type EffectiveOption, effectiveOptions } from '../config/effective-config.js';
import { LiveConfig } from '../config/live-config.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems } from './api-problems.js';
import { ConfigDetail, type ConfigOption } from './config.dto.js';

@AdminController('config', 'Nodes')
export class AdminConfigController {
  constructor(
    private readonly live: LiveConfig,
    private readonly node: NodeIdentity,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Returns the options of the node that answers, with their values in effect and where these come from',
    description: 'Secrets are masked. After a reload, the new values are returned.',
  })
  @ApiOkResponse({ type: ConfigDetail, description: 'The options' })
  @ApiProblems()
  read(): ConfigDetail {
    return { node: this.node.name, items: effectiveOptions(this.live).map(optionOf) };
  }
}

function optionOf({ doc: description, reloadable, ...rest }: EffectiveOption): ConfigOption {
  if (typeof reloadable === 'boolean') return { ...rest, description, reloadable };
  return { ...rest, description, reloadable: true, reloadableMembers: reloadable };
}
