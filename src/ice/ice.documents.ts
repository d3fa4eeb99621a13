import { applyDocumentation, Documented, type Swagger } from '../common/documented.js';
import type { IceServer } from '../config/sections/ice.options.js';
import type { IceConfig } from './ice-provider.js';

class IceServerDocument implements IceServer {
  @Documented(({ ApiProperty }) => [
    ApiProperty({ type: [String], example: ['turn:turn.example.com:3478'], description: 'A URL, or a list of URLs' }),
  ])
  readonly urls!: IceServer['urls'];

  @Documented(({ ApiProperty }) => [ApiProperty({ required: false, example: '1767225600:alice' })])
  readonly username?: string;

  @Documented(({ ApiProperty }) => [ApiProperty({ required: false })])
  readonly credential?: string;
}

class IceConfigDocument implements IceConfig {
  @Documented((swagger) => [swagger.ApiProperty({ type: [applyDocumentation(IceServerDocument, swagger)] })])
  readonly iceServers!: IceServerDocument[];

  @Documented(({ ApiProperty }) => [
    ApiProperty({ example: 3600, description: 'Seconds for which the credentials are valid' }),
  ])
  readonly ttl!: number;
}

/** A credential in the form of draft-uberti-behave-turn-rest-00. */
export class TurnCredentials {
  @Documented(({ ApiProperty }) => [ApiProperty({ example: '1767225600:alice' })])
  readonly username!: string;

  @Documented(({ ApiProperty }) => [ApiProperty()])
  readonly password!: string;

  @Documented(({ ApiProperty }) => [
    ApiProperty({ example: 3600, description: 'Seconds for which the credential is valid' }),
  ])
  readonly ttl!: number;

  @Documented(({ ApiProperty }) => [ApiProperty({ type: [String], example: ['turn:turn.example.com:3478'] })])
  readonly uris!: readonly string[];
}

/** Describes an endpoint that returns ICE servers. */
export function documentedIce(swagger: Swagger): MethodDecorator[] {
  return [
    swagger.ApiOperation({ summary: 'Returns STUN and TURN servers in the form of RTCConfiguration' }),
    ...withToken(swagger),
    swagger.ApiOkResponse({ type: applyDocumentation(IceConfigDocument, swagger) }),
  ];
}

/** The security scheme of clients' tokens. */
export const CLIENT_TOKEN = 'client';

/** Describes the token of a client: in the header `Authorization`, or in the query. Realms without `auth` need none. */
export function withToken({ ApiBearerAuth, ApiQuery, ApiSecurity }: Swagger): MethodDecorator[] {
  const description = 'The token, if the realm needs one and the header Authorization does not carry it';
  return [
    ApiSecurity({}),
    ApiBearerAuth(CLIENT_TOKEN),
    ApiQuery({ name: 'access_token', required: false, description }),
  ];
}

/** The header of a response to a request without a valid token, where the realm needs one. */
export const CHALLENGE = {
  'WWW-Authenticate': { description: 'Where a valid token is missing', schema: { type: 'string', example: 'Bearer' } },
} as const;
