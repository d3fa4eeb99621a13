import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Observable } from 'rxjs';
import { Tracing } from '../tracing/tracing.js';

/** A request in a route of Express. */
interface RoutedRequest extends Omit<Request, 'route'> {
  readonly route: { readonly path: string };
}

/**
 * Traces requests until their responses have been sent. A caller that sends `traceparent` is the parent. Requests that the
 * guard refuses do not get here, so strangers cause no spans.
 */
@Injectable()
export class TracingInterceptor implements NestInterceptor {
  constructor(private readonly tracing: Tracing) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (!this.tracing.isOn) return next.handle();
    const http = context.switchToHttp();
    const { method, headers, route } = http.getRequest<RoutedRequest>();
    const response = http.getResponse<Response>();
    const attributes = { 'http.request.method': method, 'http.route': route.path };
    return new Observable((subscriber) => {
      const closed = new Promise((resolve) => response.once('close', resolve));
      const handle = async (): Promise<number> => {
        // Ends with the response.
        next.handle().subscribe(subscriber);
        await closed;
        this.tracing.annotate({ 'http.response.status_code': response.statusCode });
        return response.statusCode;
      };
      void this.tracing.span(`${method} ${route.path}`, { kind: 'server', attributes, headers, faultOf }, handle);
    });
  }
}

function faultOf(status: number): string | undefined {
  return status >= 500 ? `status ${status}` : undefined;
}
