// For `--import`: registers an OpenTelemetry SDK that writes each span which has ended as a line of JSON to the file
// SPANS_FILE. The sampler is that of the environment (OTEL_TRACES_SAMPLER).
import { appendFileSync } from 'node:fs';
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

const exporter = {
  export(spans, done) {
    for (const span of spans) {
      const { name, kind, attributes, status, duration } = span;
      const { traceId, spanId } = span.spanContext();
      const parentId = span.parentSpanContext?.spanId;
      const line = { name, kind, attributes, status: status.code, duration, traceId, spanId, parentId };
      appendFileSync(process.env.SPANS_FILE, `${JSON.stringify(line)}\n`);
    }
    done({ code: 0 });
  },
  async shutdown() {
    // Every span has been written already.
  },
};

new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
