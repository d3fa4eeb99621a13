import { Get, Headers, type OnModuleDestroy, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsArray, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { Request, Response } from 'express';
import { DEFAULT_EVENTS, EVENT_PATTERNS, type EventPattern, typesOf } from '../common/event-types.js';
import { EventFeed } from '../events/event-feed.js';
import { RelayedSignals } from '../events/relayed-signals.js';
import type { ServerEvent } from '../events/server-event.js';
import { AdminController } from './admin-routes.js';
import { ApiProblems, UNKNOWN_PARAMETER } from './api-problems.js';
import { EventStream } from './event-stream.js';
import { ProblemException, problemOf } from './problem.js';
import { OfRealm, type RealmScope, Scope } from './realm-scope.js';

const SINCE = 'Id of the last event that the reader has got: the stream begins with those that followed it';

const EXAMPLE: ServerEvent = {
  id: 'mgk2x9f1-Zk3vQ8aB-7',
  at: '2026-03-01T12:00:00.000Z',
  node: 'node-1',
  type: 'room.joined',
  realm: 'default',
  room: 'lobby',
  client: 'nVmL4a5Fi3kCqPjHBPQEb2',
  session: 'node-1:hc8p0mz4q1',
  members: 2,
  reason: 'joined',
};

/** Query: which events to stream. */
export class EventFilter {
  @ApiPropertyOptional({ description: 'Streams only events of this realm' })
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  readonly realm?: string;

  @ApiPropertyOptional({
    description: 'Streams only these events, separated by commas; without it, all but `signal.relayed`',
    enum: EVENT_PATTERNS,
    isArray: true,
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsArray()
  @IsIn(EVENT_PATTERNS, { each: true })
  readonly types?: readonly EventPattern[];

  @ApiPropertyOptional({
    description:
      'Leaves out the events of all clients but the one with this id, and signals that it neither sent nor got',
  })
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  readonly client?: string;

  @ApiPropertyOptional({ description: `${SINCE}. The header Last-Event-ID takes precedence.` })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  readonly since?: string;
}

@AdminController('events', 'Events')
export class AdminEventsController implements OnModuleDestroy {
  /** Functions that end the open streams. */
  private readonly open = new Set<() => void>();
  private isStopping = false;

  constructor(
    private readonly feed: EventFeed,
    private readonly signals: RelayedSignals,
  ) {}

  /** Number of open streams. */
  get streamCount(): number {
    return this.open.size;
  }

  @Get()
  @OfRealm('filter')
  @ApiOperation({
    summary: 'Streams the events of all nodes as server-sent events',
    description:
      'An event `gap` says that events are missing, because they are older than those that the nodes keep: the last 10,000, and none older than an hour.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: SINCE })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({
    description: 'Events named after their type, with a JSON object as data',
    content: {
      'text/event-stream': {
        schema: { type: 'string' },
        example: `id: ${EXAMPLE.id}\nevent: ${EXAMPLE.type}\ndata: ${JSON.stringify(EXAMPLE)}\n\n`,
      },
    },
  })
  @ApiProblems(UNKNOWN_PARAMETER, problemOf('unavailable', 'The server stops.'))
  async stream(
    @Query() filter: EventFilter,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Scope() scope: RealmScope,
    @Req() { method }: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (this.isStopping) throw new ProblemException('unavailable', 'The server stops.');
    const stream = new EventStream(response, wanted(filter, scope));
    if (method === 'HEAD') {
      stream.end();
      return;
    }
    const feed = this.feed.open(lastEventId ?? filter.since, (page) => stream.writePage(page));
    const hearsSignals = filter.types?.flatMap(typesOf).includes('signal.relayed') ?? false;
    const watching = hearsSignals ? this.signals.listen((event) => stream.writeSignal(event)) : undefined;
    const stop = (): void => {
      feed.stop();
      watching?.stop();
      this.open.delete(stop);
      stream.end();
    };
    this.open.add(stop);
    response.once('close', stop);
    response.on('error', stop);
    // A reader that gets no replay comes back for it.
    await Promise.all([feed.ready, watching?.ready]).then(() => stream.writeOpened(), stop);
  }

  /** Ends the streams before the drain, which would otherwise wait for them. */
  onModuleDestroy(): void {
    this.isStopping = true;
    for (const stop of this.open) stop();
  }
}

/** Returns whether a reader gets an event: those of a realm only if its token allows the realm. */
function wanted({ realm, types, client }: EventFilter, scope: RealmScope): (event: ServerEvent) => boolean {
  const wantedTypes = new Set(types?.flatMap(typesOf) ?? DEFAULT_EVENTS);
  return (event) =>
    wantedTypes.has(event.type) &&
    scope.includes(event.realm) &&
    (realm === undefined || event.realm === realm) &&
    (client === undefined || mayConcern(event, client));
}

/** Whether an event is about a client, or about none. */
function mayConcern(event: ServerEvent, client: string): boolean {
  if (event.type === 'signal.relayed') return event.from === client || event.to === client;
  return !('client' in event) || event.client === client;
}
