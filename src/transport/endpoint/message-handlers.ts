import 'reflect-metadata';
import type { ExceptionFilter, Type } from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA } from '@nestjs/common/constants.js';
import { MESSAGE_MAPPING_METADATA, MESSAGE_METADATA } from '@nestjs/websockets/constants.js';
import { compileDto } from './compile-dto.js';

/** Validates the body of a message, calls the gateway's method, and returns its answer. */
export type MessageHandler = (client: object, body: object) => object | void | Promise<object | void>;

type Method = MessageHandler;
type DtoClass = abstract new (...args: never[]) => object;

/**
 * Reads a gateway's decorators: the methods of `@SubscribeMessage` with their DTOs, which are the types of their second
 * parameters, and the filter of `@UseFilters`.
 *
 * Nest itself would call the methods through several promises and closures per frame, and would run the frames of one
 * client concurrently; see docs/architecture.md.
 * @throws Error for a method without a DTO, and for a gateway without a filter
 */
export function messageHandlersOf(gateway: object): {
  handlers: Map<string, MessageHandler>;
  filter: Type<ExceptionFilter>;
} {
  const handlers = new Map<string, MessageHandler>();
  const prototype = Object.getPrototypeOf(gateway) as Record<string, unknown>;
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method = prototype[name];
    if (typeof method !== 'function' || !Reflect.hasMetadata(MESSAGE_MAPPING_METADATA, method)) continue;
    const [, dto] = Reflect.getMetadata('design:paramtypes', prototype, name) as [unknown, DtoClass?];
    if (!dto) throw new Error(`${gateway.constructor.name}.${name} takes no body`);
    const event = Reflect.getMetadata(MESSAGE_METADATA, method) as string;
    handlers.set(event, handlerOf((method as Method).bind(gateway), compileDto(dto)));
  }
  const filters = Reflect.getMetadata(EXCEPTION_FILTERS_METADATA, gateway.constructor) as
    Type<ExceptionFilter>[] | undefined;
  const [filter, ...others] = filters ?? [];
  if (!filter || others.length > 0) throw new Error(`${gateway.constructor.name} needs exactly one filter`);
  return { handlers, filter };
}

function handlerOf(method: Method, validate: (body: object) => void): MessageHandler {
  return (client, body) => {
    validate(body);
    return method(client, body);
  };
}
