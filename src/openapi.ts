import { type INestApplication, NotFoundException } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import * as swagger from '@nestjs/swagger';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { listProtocols } from './admin/protocol-names.js';
import { applyDocumentation } from './common/documented.js';
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

interface Operation {
  readonly responses: Record<string, object>;
}

/** Serves Swagger UI at `/docs` and the OpenAPI document at `/docs-json`. */
export function serveDocs(app: INestApplication): void {
  const inner = app.get(InnerApplication, { strict: false });
  const adminPort = app.get(AdminPort, { strict: false });
  app.use(['/docs', '/docs-json'], (request: Request, _response: Response, next: NextFunction) => {
    const { method, originalUrl } = request;
    // The answer to unknown paths.
    if (adminPort.hides(request)) next(new NotFoundException(`Cannot ${method} ${originalUrl}`));
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
  SwaggerModule.setup('docs', app, createDocument, { jsonDocumentUrl: 'docs-json' });
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
  const config = new DocumentBuilder()
    .setTitle('Signalbox')
    .setDescription('The admin API and the HTTP endpoints of the protocols.')
    .setVersion('1')
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
