import { Controller, Get } from '@nestjs/common';
import { applyDocumentation, Documented } from '../../common/documented.js';

/** The document of PeerJS Server, by which clients and their users recognise it. */
export class InfoDocument {
  @Documented(({ ApiProperty }) => [ApiProperty({ example: 'PeerJS Server' })])
  readonly name: string = 'PeerJS Server';

  @Documented(({ ApiProperty }) => [ApiProperty()])
  readonly description: string = 'A server side element to broker connections between PeerJS clients.';

  @Documented(({ ApiProperty }) => [ApiProperty({ example: 'https://peerjs.com/' })])
  readonly website: string = 'https://peerjs.com/';
}

/** Describes an endpoint that returns the document. */
export function DocumentedInfo(): MethodDecorator {
  return Documented((swagger) => [
    swagger.ApiOperation({ summary: 'Identifies the server' }),
    swagger.ApiOkResponse({ type: applyDocumentation(InfoDocument, swagger) }),
  ]);
}

/** The document at the root of the server, whatever the mount path. */
@Documented(({ ApiTags }) => [ApiTags('PeerJS')])
@Controller()
export class PeerJsRootController {
  @Get()
  @DocumentedInfo()
  info(): InfoDocument {
    return new InfoDocument();
  }
}
