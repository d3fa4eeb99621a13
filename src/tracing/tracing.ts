import type { IncomingHttpHeaders } from 'node:http';
import type * as OpenTelemetry from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import { isDomainError } from '../common/domain-error.js';
import { loadOptional } from '../common/optional-packages.js';
import { packageVersion } from '../common/package-version.js';

/** Where the API of OpenTelemetry keeps what an SDK has registered. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

/** Names and numbers that describe a span. Never tokens, payloads or URLs with a query. */
export type SpanAttributes = Readonly<Record<string, string | number | undefined>>;

export interface SpanOptions<R> {
  /** A request that comes in (`server`) or goes out (`client`). */
  readonly kind?: 'server' | 'client';
  readonly attributes?: SpanAttributes;
  /** Headers with the trace context of the caller, for a span that has no other parent. */
  readonly headers?: IncomingHttpHeaders;
  /** Says in a few words why work has failed that resolves; undefined if it has not failed. */
  readonly faultOf?: (result: R) => string | undefined;
}

/** Errors that are faults of the server. All others are refusals, which are its work. */
const FAULTS = new Set(['UNAVAILABLE', 'INTERNAL']);

/** Starts spans in the OpenTelemetry SDK of the process. Without an SDK nothing is loaded, and all methods do nothing. */
export class Tracing {
  private constructor(
    private readonly node: string,
    private readonly api?: typeof OpenTelemetry,
    private readonly tracer = api?.trace.getTracer('signalbox', packageVersion()),
  ) {}

  /**
   * Loads the API of OpenTelemetry if an SDK is registered.
   * @param node name of this node, an attribute of all spans
   * @throws Error if an SDK is registered and the optional package `@opentelemetry/api` is not installed
   */
  static async create(node: string): Promise<Tracing> {
    const registered = Reflect.get(globalThis, REGISTERED) as { readonly trace?: unknown } | undefined;
    if (!registered?.trace) return new Tracing(node);
    const load = (): Promise<typeof OpenTelemetry> => import('@opentelemetry/api');
    return new Tracing(node, await loadOptional('Tracing', 'start it without an OpenTelemetry SDK', load));
  }

  /** Whether an SDK is registered. */
  get isOn(): boolean {
    return this.api !== undefined;
  }

  /** Does work in a span, which is the parent of all spans that the work starts. It ends when the work settles. */
  span<R>(name: string, options: SpanOptions<Awaited<R>>, work: () => R): R {
    const { api, tracer } = this;
    if (!api || !tracer) return work();
    const parent = this.parentFor(api, options.headers);
    const { INTERNAL: internal, SERVER: server, CLIENT: client } = api.SpanKind;
    const kind = { internal, server, client }[options.kind ?? 'internal'];
    const span = tracer.startSpan(name, { kind, attributes: this.complete(options.attributes) }, parent);
    const end = (result: Awaited<R>): void => this.end(span, options.faultOf?.(result));
    try {
      const result = api.context.with(api.trace.setSpan(parent, span), work);
      if (result instanceof Promise) result.then(end, (error: unknown) => this.fail(span, error));
      else end(result as Awaited<R>);
      return result;
    } catch (error) {
      this.fail(span, error);
      throw error;
    }
  }

  /**
   * Records work that has begun already as a child of the current span. Without a current span, or if it is not sampled,
   * nothing is recorded.
   * @param startedAt in the time of `performance.now()`
   */
  child(name: string, attributes: SpanAttributes, startedAt: number, work: Promise<unknown>): void {
    if (!this.current) return;
    const span = this.tracer!.startSpan(name, { startTime: startedAt, attributes: this.complete(attributes) });
    work.then(
      () => this.end(span, undefined, performance.now()),
      (error: unknown) => this.fail(span, error, performance.now()),
    );
  }

  /** Adds attributes to the current span. */
  annotate(attributes: SpanAttributes): void {
    this.current?.setAttributes({ ...attributes });
  }

  /** Returns the headers that pass the current span on to another server. */
  headers(): Record<string, string> {
    const headers = {};
    if (this.api) this.api.propagation.inject(this.api.context.active(), headers);
    return headers;
  }

  /** The span that the current work is part of, if it is recorded and has not ended. */
  private get current(): Span | undefined {
    const span = this.api?.trace.getActiveSpan();
    return span?.isRecording() ? span : undefined;
  }

  private parentFor({ context, propagation, trace }: typeof OpenTelemetry, headers?: IncomingHttpHeaders): Context {
    const active = context.active();
    return headers && !trace.getSpan(active) ? propagation.extract(active, headers) : active;
  }

  private complete(attributes: SpanAttributes = {}): SpanAttributes {
    return { ...attributes, 'signalbox.node': this.node };
  }

  private end(span: Span, fault?: string, at?: number): void {
    span.setAttribute('signalbox.outcome', fault ?? 'ok');
    if (fault !== undefined) span.setStatus({ code: this.api!.SpanStatusCode.ERROR, message: fault });
    span.end(at);
  }

  private fail(span: Span, error: unknown, at?: number): void {
    const outcome = outcomeOf(error);
    if (isDomainError(error) && !FAULTS.has(outcome)) {
      span.setAttribute('signalbox.outcome', outcome);
      span.end(at);
    } else this.end(span, outcome, at);
  }
}

/** Returns the code or the name of an error. Its message may hold what a client or another server has sent. */
function outcomeOf(error: unknown): string {
  if (isDomainError(error)) return error.code;
  const { code, name, cause } = error as NodeJS.ErrnoException;
  const reason = (cause as NodeJS.ErrnoException | undefined)?.code ?? code ?? name;
  return typeof reason === 'string' ? reason : name;
}
