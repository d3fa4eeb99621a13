import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty } from '@nestjs/swagger';

/** The document of PeerJS Server, by which clients and their users recognise it. */
export class InfoDocument {
  @ApiProperty({ example: 'PeerJS Server' })
  readonly name: string = 'PeerJS Server';

  @ApiProperty()
  readonly description: string = 'A server side element to broker connections between PeerJS clients.';

  @ApiProperty({ example: 'https://peerjs.com/' })
  readonly website: string = 'https://peerjs.com/';
}

/** The document at the root of the server, whatever the mount path. */
@Controller()
export class PeerJsRootController {
  @Get()
  @ApiOperation({ summary: 'Identifies the server' })
  @ApiOkResponse({ type: InfoDocument })
  info(): InfoDocument {
    return new InfoDocument();
  }
}
