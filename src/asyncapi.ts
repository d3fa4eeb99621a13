import type { INestApplication } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { AsyncDocument, DescribedProtocol } from './asyncapi/async-document.js';
import type { ProtocolDescription } from './asyncapi/protocol-description.js';
import { packageVersion } from './common/package-version.js';
import { Protocols } from './common/protocols.js';
import { protect } from './common/security-headers.js';
import { ServerOptions } from './config/sections/server.options.js';
import { gatewayOptionsOf } from './transport/signalbox-gateway.js';

/** Loads the description of each protocol of the server. EasyRTC needs optional packages. */
const DESCRIPTIONS: Readonly<Record<string, () => Promise<ProtocolDescription>>> = {
  'peer2peer-connector': async () => {
    const { CONNECTOR_DESCRIPTION } = await import('./protocols/peer2peer-connector/connector.asyncapi.js');
    return CONNECTOR_DESCRIPTION;
  },
  peerjs: async () => {
    const { PEERJS_DESCRIPTION } = await import('./protocols/peerjs/peerjs.asyncapi.js');
    return PEERJS_DESCRIPTION;
  },
  easyrtc: async () => {
    const { EASYRTC_DESCRIPTION } = await import('./protocols/easyrtc/easyrtc.asyncapi.js');
    return EASYRTC_DESCRIPTION;
  },
};

/** Names of the protocols that the document can describe. Those of an application are not in it. */
export const DESCRIBED_PROTOCOLS = Object.keys(DESCRIPTIONS);

/** Returns the description of a protocol, with the paths of its clients: by default, those of the default options. */
export async function describedProtocol(name: string, app?: INestApplication): Promise<DescribedProtocol> {
  const description = await DESCRIPTIONS[name]!();
  if (!app) return { name, description, paths: [description.path] };
  const { path } = app.get(gatewayOptionsOf(description.gateway).admission, { strict: false });
  return { name, description, paths: [path].flat() };
}

/** Serves the AsyncAPI document of the protocols at `/docs-async.json`. It is made when it is first asked for. */
export function serveAsyncDocs(app: INestApplication): void {
  let document: Promise<AsyncDocument> | undefined;
  app.getHttpAdapter().get('/docs-async.json', async (_request: Request, response: Response) => {
    protect(response);
    response.json(await (document ??= createDocument(app)));
  });
}

async function createDocument(app: INestApplication): Promise<AsyncDocument> {
  const { asyncDocument } = await import('./asyncapi/async-document.js');
  const { names } = app.get(Protocols, { strict: false });
  const described = names.filter((name) => DESCRIBED_PROTOCOLS.includes(name));
  const protocols: DescribedProtocol[] = [];
  for (const name of described) protocols.push(await describedProtocol(name, app));
  const { port, basePath, sslkey } = app.get(ServerOptions, { strict: false });
  return asyncDocument(protocols, { version: packageVersion(), port, basePath, isTls: sslkey !== '' });
}
