import { Get, type OnModuleDestroy, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsArray, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { Request, Response } from 'express';
import { SERVER_EVENTS, type ServerEventName } from '../common/server-events.js';
import { ClusterEvents } from '../nodes/cluster-events.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems, UNKNOWN_PARAMETER } from './api-problems.js';
import { ProblemException, problemOf } from './problem.js';
import { OfRealm, type RealmScope, Scope } from './realm-scope.js';

/** Interval of comments that keep proxies from closing the stream as idle. */
const HEARTBEAT_MS = 15_000;
/** Maximum backlog of a stream. A reader that is further behind is disconnected. */
const MAX_WAITING_BYTES = 1_048_576;

/** Query: which events to stream. */
export class EventFilter {
  @ApiPropertyOptional({ description: 'Streams only events of this realm' })
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  readonly realm?: string;

  @ApiPropertyOptional({
    description: 'Streams only these events, separated by commas',
    enum: SERVER_EVENTS,
    isArray: true,
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsArray()
  @IsIn(SERVER_EVENTS, { each: true })
  readonly types?: readonly ServerEventName[];
}

@AdminController('events')
export class AdminEventsController implements OnModuleDestroy {
  /** Functions that end the open streams. */
  private readonly open = new Set<() => void>();
  private isStopping = false;

  constructor(private readonly events: ClusterEvents) {}

  @Get()
  @OfRealm('filter')
  @ApiOperation({ summary: 'Streams the events of clients and rooms on all nodes as server-sent events' })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({
    description: 'Events named after their type, with a JSON object as data',
    content: {
      'text/event-stream': {
        schema: { type: 'string' },
        example:
          'event: roomJoined\ndata: {"realm":"default","room":"lobby","client":"nVmL4a5Fi3kCqPjHBPQEb2","node":"node-1"}\n\n',
      },
    },
  })
  @ApiProblems(UNKNOWN_PARAMETER, problemOf('unavailable', 'The server stops.'))
  async stream(
    @Query() { realm, types = SERVER_EVENTS }: EventFilter,
    @Scope() scope: RealmScope,
    @Req() { method }: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (this.isStopping) throw new ProblemException('unavailable', 'The server stops.');
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    if (method === 'HEAD') return void response.end();
    const subscription = this.events.listen((type, event) => {
      if (!scope.includes(event.realm) || !types.includes(type) || (realm !== undefined && event.realm !== realm))
        return;
      send(response, `event: ${type}\ndata: ${JSON.stringify(event)}\n\n`);
    });
    const heartbeat = setInterval(() => send(response, ': alive\n\n'), HEARTBEAT_MS);
    const stop = (): void => {
      clearInterval(heartbeat);
      subscription.stop();
      this.open.delete(stop);
      response.end();
    };
    this.open.add(stop);
    response.once('close', stop);
    response.on('error', stop);
    await subscription.ready;
    send(response, ': open\n\n');
  }

  /** Ends the streams before the drain, which would otherwise wait for them. */
  onModuleDestroy(): void {
    this.isStopping = true;
    for (const stop of this.open) stop();
  }
}

function send(response: Response, text: string): void {
  if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
  else if (!response.writableEnded) response.write(text);
}
