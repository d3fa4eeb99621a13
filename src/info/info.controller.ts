import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty } from '@nestjs/swagger';

/** What clients and their users find at the server's root: the document of PeerJS Server, which clients look for. */
export class InfoDocument {
  @ApiProperty({ example: 'PeerJS Server' })
  readonly name: string = 'PeerJS Server';

  @ApiProperty()
  readonly description: string = 'A server side element to broker connections between PeerJS clients.';

  @ApiProperty({ example: 'https://peerjs.com/' })
  readonly website: string = 'https://peerjs.com/';
}

@Controller()
export class InfoController {
  @Get()
  @ApiOperation({ summary: 'Says that the server is there' })
  @ApiOkResponse({ type: InfoDocument })
  info(): InfoDocument {
    return new InfoDocument();
  }
}
