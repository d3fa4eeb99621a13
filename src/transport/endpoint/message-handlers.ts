import 'reflect-metadata';
import type { ExceptionFilter, Type } from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA } from '@nestjs/common/constants.js';
import { MESSAGE_MAPPING_METADATA, MESSAGE_METADATA } from '@nestjs/websockets/constants.js';
import { compileDto } from './compile-dto.js';

/** Validates a message's body and calls the gateway's method with it. What it returns is the answer, in the endpoint's form. */
export type MessageHandler = (client: object, body: object) => object | void | Promise<object | void>;

type Method = MessageHandler;
type DtoClass = abstract new (...args: never[]) => object;

/**
 * Reads a gateway's decorators: the methods that `@SubscribeMessage` names, each with the DTO that is the type of its
 * second parameter, and the filter of `@UseFilters`.
 *
 * Nest's own way to call them costs several promises and closures for each frame, and runs the frames of one client
 * concurrently; see docs/architecture.md.
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
