import { Get, Query, Req, Res, type OnModuleDestroy } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsArray, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { Request, Response } from 'express';
import { SERVER_EVENTS, type ServerEventName } from '../common/server-events.js';
import { ClusterEvents } from '../nodes/cluster-events.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems, UNKNOWN_PARAMETER } from './api-problems.js';
import { ProblemException, problemOf } from './problem.js';

/** A comment this often, so that proxies do not take the stream for dead. */
const HEARTBEAT_MS = 15_000;
/** A reader that is further behind than this is cut off. */
const MAX_WAITING_BYTES = 1_048_576;

/** Which events. */
export class EventFilter {
  @ApiPropertyOptional({ description: 'Only those of this realm' })
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  readonly realm?: string;

  @ApiPropertyOptional({ description: 'Only these, separated by commas', enum: SERVER_EVENTS, isArray: true })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsArray()
  @IsIn(SERVER_EVENTS, { each: true })
  readonly types?: readonly ServerEventName[];
}

@AdminController('events')
export class AdminEventsController implements OnModuleDestroy {
  /** Ends a stream. */
  private readonly open = new Set<() => void>();
  private isStopping = false;

  constructor(private readonly events: ClusterEvents) {}

  @Get()
  @ApiOperation({ summary: 'Clients and rooms that come and go on all nodes, as server-sent events' })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({
    description: 'Events named as their type, each with a JSON object as its data',
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
    @Req() { method }: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (this.isStopping) throw new ProblemException('unavailable', 'The server stops.');
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    if (method === 'HEAD') return void response.end();
    const subscription = this.events.listen((type, event) => {
      if (!types.includes(type) || (realm !== undefined && event.realm !== realm)) return;
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

  /** Before the drain, which else would wait for the streams. */
  onModuleDestroy(): void {
    this.isStopping = true;
    for (const stop of this.open) stop();
  }
}

function send(response: Response, text: string): void {
  if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
  else if (!response.writableEnded) response.write(text);
}
