import { type Type, UseFilters, UseGuards } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import {
  DomainError,
  type DomainErrorCode,
  DomainErrorFilter,
  jsonFrame,
  ProtocolModule,
  SignalboxGateway,
  type WebSocketConnection,
} from 'signalbox/protocol';
import { type HostApp, startHost } from '../../support/host-app.js';
import { NothingRequest } from '../../support/notes/notes.js';
import { FrameAdmission, FrameCodec, FrameFilter } from '../../support/notes/notes.websocket.js';
import { WebSocketNotesClient } from '../../support/notes/notes-clients.js';

const OPTIONS = { protocol: 'notes', codec: FrameCodec, admission: FrameAdmission };

class Guard {
  canActivate = (): boolean => true;
}

@SignalboxGateway(OPTIONS)
@UseFilters(FrameFilter)
class NoDto {
  @SubscribeMessage('x')
  x(@ConnectedSocket() _client: object, @MessageBody() _body: { readonly text: string }): void {
    // Never called.
  }
}

@SignalboxGateway(OPTIONS)
@UseFilters(FrameFilter)
@UseGuards(Guard)
class Guarded {}

@SignalboxGateway({ ...OPTIONS, protocol: 'notez' })
@UseFilters(FrameFilter)
class Misnamed {}

class NoSlash extends FrameAdmission {
  override readonly path = 'notes' as '/notes';
}

@SignalboxGateway({ ...OPTIONS, admission: NoSlash })
@UseFilters(FrameFilter)
class Unreachable {}

describe('an application does not start, and listen throws,', () => {
  it.each([
    ['a handler has no DTO', NoDto, 'NoDto.x has no DTO'],
    ['the gateway has a guard', Guarded, 'Guarded has @UseGuards, which does not run on signaling frames'],
    [
      'gateway and codec name the protocol differently',
      Misnamed,
      'names its protocol notez, and its codec names it notes',
    ],
    ['the path lacks its slash', Unreachable, 'NoSlash.path must begin with a slash'],
  ])('if %s', async (_, gateway: Type<object>, text) => {
    await expect(startHost({}, [ProtocolModule.forFeature(gateway)])).rejects.toThrow(text);
  });

  it('if two gateways have one name', async () => {
    @SignalboxGateway(OPTIONS)
    @UseFilters(FrameFilter)
    class Same {}
    const [one, other] = [Unreachable, Same].map((gateway) => ProtocolModule.forFeature(gateway));
    await expect(startHost({}, [one, other])).rejects.toThrow('The protocol notes is registered already');
  });

  it('if a class is no gateway, or has no filter', () => {
    class Plain {}
    @SignalboxGateway(OPTIONS)
    class Unfiltered {}
    expect(() => ProtocolModule.forFeature(Plain)).toThrow('Plain is not marked with @SignalboxGateway');
    expect(() => ProtocolModule.forFeature(Unfiltered)).toThrow('Unfiltered needs exactly one filter');
  });
});

describe('a protocol with bugs', () => {
  class FailingFilter extends DomainErrorFilter<WebSocketConnection> {
    protected override answer(connection: WebSocketConnection, { code }: DomainError): void {
      if (code === 'INVALID_REQUEST') throw new Error('a bug of the filter');
      connection.write(jsonFrame({ error: code }));
    }
  }

  @SignalboxGateway(OPTIONS)
  @UseFilters(FailingFilter)
  class Buggy {
    @SubscribeMessage('fail')
    fail(@ConnectedSocket() _client: object, @MessageBody() _request: NothingRequest): void {
      throw new DomainError('INVALID_REQUEST', { reason: 'any' });
    }

    @SubscribeMessage('unframed')
    unframed(@ConnectedSocket() _client: object, @MessageBody() _request: NothingRequest): Buffer {
      return Buffer.from('{"text":"in no frame"}');
    }

    @SubscribeMessage('ping')
    ping(@ConnectedSocket() _client: object, @MessageBody() _request: NothingRequest): object {
      return { done: 'ping' };
    }
  }

  let host: HostApp;

  beforeEach(async () => {
    host = await startHost({}, [ProtocolModule.forFeature(Buggy)]);
  });

  const errors = (msg: string): unknown[] => host.lines.filter((line) => line.msg === msg).map(({ err }) => err);

  it('logs an error of its filter, and serves the client on', async () => {
    const ann = WebSocketNotesClient.open(host.url, 'ann');
    await ann.next();
    ann.send('fail');
    expect(await ann.ask('ping')).toEqual({ done: 'ping' });
    expect(errors('an exception filter failed')).toEqual([expect.objectContaining({ message: 'a bug of the filter' })]);
  });

  it('sends no bytes without a frame', async () => {
    const ann = WebSocketNotesClient.open(host.url, 'ann');
    await ann.next();
    expect(await ann.ask('unframed')).toEqual({ error: 'INTERNAL' satisfies DomainErrorCode });
    expect(errors('a frame could not be handled')).toEqual([
      expect.objectContaining({ message: expect.stringContaining('a handler must return a frame') as string }),
    ]);
    expect(await ann.ask('ping')).toEqual({ done: 'ping' });
  });
});
