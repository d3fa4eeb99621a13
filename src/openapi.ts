import { type INestApplication, NotFoundException } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import * as swagger from '@nestjs/swagger';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { AdminAccess } from './access/admin-access.js';
import { isLocalRequest } from './access/local-request.js';
import { AdminModule } from './admin/admin.module.js';
import { listProtocols } from './admin/protocol-names.js';
import { serveAsyncDocs } from './asyncapi.js';
import { applyDocumentation } from './common/documented.js';
import { packageVersion } from './common/package-version.js';
import { Protocols } from './common/protocols.js';
import { protect, securityHeaders } from './common/security-headers.js';
import { CLIENT_TOKEN } from './ice/ice.documents.js';
import { AdminPort } from './transport/http/admin-port.js';
import { InnerApplication } from './transport/http/inner-application.js';

/** The responses of Node's HTTP server to requests that reach no operation. */
const UNREADABLE = { description: 'The request is malformed (400), or its headers are too large (431)' };

const CLIENT_TOKENS = "A client's token, if the option auth of its realm asks for one; or the parameter access_token";

/** Swagger UI uses inline styles. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const INTRODUCTION = `The admin API of the server below \`/admin/v1\`, and the HTTP endpoints of its protocols.

- **Tokens**: operations with a lock need a token of the option \`adminTokens\`. The role \`read\` may look, \`operate\`
  may also change. A token that is bound to realms sees these alone.
- **Several nodes**: every response covers all of them; only \`config\` is about the node that answers.
- **Lists** have \`items\`, \`cursor\` for the next page, and \`total\` for all pages.
- **Errors** are \`application/problem+json\` (RFC 9457). \`type\` identifies the kind of error and is stable. 429 and 503
  have the header \`Retry-After\`.`;

const TAGS: Readonly<Record<string, string>> = {
  Clients: 'Connected clients of all protocols and their users',
  Rooms: 'Rooms and their members',
  Events: 'The stream of events',
  Webhooks: 'HTTP endpoints that receive events',
  Realms: 'Namespaces of clients and rooms',
  Nodes: 'The nodes of the cluster, and what all of them do together',
  Health: 'Health checks and metrics',
  ICE: 'STUN and TURN servers',
  PeerJS: 'The HTTP endpoints of PeerJS',
};

interface Operation {
  readonly responses: Record<string, object>;
}

/**
 * Serves Swagger UI at `/docs`, the OpenAPI document at `/docs-json` and the AsyncAPI document at `/docs-async.json`.
 * While the admin API is off, only programs on this machine get them.
 */
export function serveDocs(app: INestApplication): void {
  const inner = app.get(InnerApplication, { strict: false });
  const adminPort = app.get(AdminPort, { strict: false });
  const access = hasAdminApi(app) ? app.get(AdminAccess, { strict: false }) : undefined;
  app.use(['/docs', '/docs-json', '/docs-async.json'], (request: Request, _response: Response, next: NextFunction) => {
    const { method, originalUrl } = request;
    const isHidden = adminPort.hides(request) || (access?.isOn === false && !isLocalRequest(request));
    // The answer to unknown paths.
    if (isHidden) next(new NotFoundException(`Cannot ${method} ${originalUrl}`));
    else next();
  });
  let protocols: INestApplication;
  app.use('/docs', protectPage);
  app.use('/docs-json', securityHeaders);
  app.use(['/docs', '/docs-json'], (_request: Request, _response: Response, next: NextFunction) => {
    inner.get().then((application) => {
      protocols = application;
      next();
    }, next);
  });
  // Runs behind the handlers above, when `protocols` is set.
  const createDocument = (): OpenAPIObject => {
    const document = merged(documentOf(app), documentOf(protocols));
    return listProtocols(withRefusals(document), app.get(Protocols, { strict: false }).names);
  };
  SwaggerModule.setup('docs', app, createDocument, {
    jsonDocumentUrl: 'docs-json',
    customSiteTitle: 'Signalbox HTTP API',
    swaggerOptions: { persistAuthorization: true },
  });
  serveAsyncDocs(app);
}

function hasAdminApi(app: INestApplication): boolean {
  return [...app.get(ModulesContainer).values()].some(({ metatype }) => metatype === AdminModule);
}

function protectPage({ originalUrl }: Request, response: Response, next: NextFunction): void {
  protect(response, CONTENT_SECURITY_POLICY);
  // The links of the page and the server URL in the document are relative to `/docs`.
  if (/^[^?]*\/docs\/$/i.test(originalUrl)) response.redirect(308, '../docs');
  else next();
}

/** Returns the document of an application's controllers. */
function documentOf(app: INestApplication): OpenAPIObject {
  for (const { controllers } of app.get(ModulesContainer).values()) {
    for (const { metatype } of controllers.values()) if (metatype) applyDocumentation(metatype, swagger);
  }
  const builder = new DocumentBuilder();
  for (const [tag, description] of Object.entries(TAGS)) builder.addTag(tag, description);
  const config = builder
    .setTitle('Signalbox HTTP API')
    .setDescription(INTRODUCTION)
    .setVersion(packageVersion())
    .setLicense('MIT', 'https://spdx.org/licenses/MIT.html')
    // Relative to the document, so that it also works below the path prefix of a proxy.
    .addServer('.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A token of the option adminTokens' })
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: CLIENT_TOKENS }, CLIENT_TOKEN)
    .build();
  // Operations need no token unless they say so.
  return SwaggerModule.createDocument(app, { ...config, security: [] });
}

/** Adds the operations and schemas of one document to those of another. */
function merged(document: OpenAPIObject, { paths, components }: OpenAPIObject): OpenAPIObject {
  const schemas = { ...document.components?.schemas, ...components?.schemas };
  return {
    ...document,
    paths: { ...document.paths, ...paths },
    components: { ...document.components, schemas },
  };
}

/** Adds the responses of Node to the operations that document no client error of their own. */
function withRefusals(document: OpenAPIObject): OpenAPIObject {
  for (const { responses } of Object.values(document.paths).flatMap((path) => Object.values(path) as Operation[])) {
    if (!Object.keys(responses).some((status) => status.startsWith('4'))) responses['4XX'] = UNREADABLE;
  }
  return document;
}
