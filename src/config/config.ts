import { combined } from './option.js';
import { AdminOptions } from './sections/admin.options.js';
import { ClusterOptions } from './sections/cluster.options.js';
import { ConnectorOptions } from './sections/connector.options.js';
import { EasyRtcOptions } from './sections/easyrtc.options.js';
import { HeartbeatOptions } from './sections/heartbeat.options.js';
import { IdentityOptions } from './sections/identity.options.js';
import { LimitOptions } from './sections/limit.options.js';
import { LoggingOptions } from './sections/logging.options.js';
import { PageOptions } from './sections/page.options.js';
import { PeerJsOptions } from './sections/peerjs.options.js';
import { QueueOptions } from './sections/queue.options.js';
import { ServerOptions } from './sections/server.options.js';
import { ShutdownOptions } from './sections/shutdown.options.js';
import { WebhooksOptions } from './sections/webhooks.options.js';

/** In the order of `--help` and the documentation. */
export const SECTIONS = [
  ServerOptions,
  ConnectorOptions,
  PeerJsOptions,
  EasyRtcOptions,
  IdentityOptions,
  LimitOptions,
  HeartbeatOptions,
  QueueOptions,
  ClusterOptions,
  ShutdownOptions,
  AdminOptions,
  WebhooksOptions,
  PageOptions,
  LoggingOptions,
] as const;

/** All options of the server, as users write them: flat, whatever their section. */
export class Config extends combined(SECTIONS) {}
