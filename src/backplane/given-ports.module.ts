import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { BlockStore } from '../blocks/block-store.js';
import { EventCursors } from '../events/event-cursors.js';
import { EventJournal } from '../events/event-journal.js';
import { Log } from '../logging/log.js';
import { LoggingModule } from '../logging/logging.module.js';
import { MemoryBlockStore } from './memory/memory-block-store.js';
import { MemoryEventCursors } from './memory/memory-event-cursors.js';
import { MemoryEventJournal } from './memory/memory-event-journal.js';
import { bare, PORTS, REQUIRED_PORTS } from './ports.js';

type Given = Type | DynamicModule;

/** For a backplane that has no journal: it was written before there were any. */
const OWN_JOURNAL: Provider = {
  provide: bare(EventJournal),
  inject: [Log],
  useFactory: ({ logger }: Log) => {
    logger.warn({}, 'the backplane has no EventJournal: this node does not hear the events of other nodes');
    return new MemoryEventJournal();
  },
};

/** For a backplane that has no cursors: each node is the only reader of its journal. */
const OWN_CURSORS: Provider = { provide: bare(EventCursors), useClass: MemoryEventCursors };

/** For a backplane that stores no blocks: a block holds on the node that has made it. */
const OWN_BLOCKS: Provider = { provide: bare(BlockStore), useClass: MemoryBlockStore };

/** Provides the ports from a module of the application. */
@Module({})
export class GivenPortsModule {
  /**
   * Checks the exports itself: Nest would look for a missing port among the global ones, which wait for the given one.
   * @throws Error for ports that the module does not export
   */
  static of(given: Given): DynamicModule {
    const exported = tokensOf(given);
    const missing = REQUIRED_PORTS.filter((port) => !exported.has(port)).map(({ name }) => name);
    if (missing.length > 0) throw new Error(`The backplane ${classOf(given).name} must export ${missing.join(', ')}`);
    // An alias, so that Nest calls the lifecycle hooks of an implementation once.
    const ports = PORTS.filter((port) => exported.has(port));
    const providers = ports.map((port): Provider => ({ provide: bare(port), useExisting: port }));
    if (!exported.has(EventJournal)) providers.push(OWN_JOURNAL);
    if (!exported.has(EventCursors)) providers.push(OWN_CURSORS);
    if (!exported.has(BlockStore)) providers.push(OWN_BLOCKS);
    return { module: GivenPortsModule, imports: [LoggingModule, given], providers, exports: PORTS.map(bare) };
  }
}

/** Returns the tokens that a module exports, those of re-exported modules included. */
function tokensOf(given: Given): Set<unknown> {
  const exported = membersOf(given, 'exports');
  const tokens = new Set(exported.map((member) => (isProvider(member) ? member.provide : member)));
  const reexported = new Set(exported.filter(isGiven).map(classOf));
  for (const module of membersOf(given, 'imports').filter(isGiven)) {
    if (reexported.has(classOf(module))) for (const token of tokensOf(module)) tokens.add(token);
  }
  return tokens;
}

function membersOf(given: Given, key: 'imports' | 'exports'): unknown[] {
  const declared = Reflect.getMetadata(key, classOf(given)) as unknown[] | undefined;
  const added = isDynamic(given) ? given[key] : undefined;
  return [...(declared ?? []), ...(added ?? [])];
}

function classOf(given: Given): Type {
  return isDynamic(given) ? given.module : given;
}

function isGiven(member: unknown): member is Given {
  return typeof member === 'function' || isDynamic(member);
}

function isDynamic(member: unknown): member is DynamicModule {
  return typeof member === 'object' && member !== null && 'module' in member;
}

function isProvider(member: unknown): member is { readonly provide: unknown } {
  return typeof member === 'object' && member !== null && 'provide' in member;
}
