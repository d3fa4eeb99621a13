import 'reflect-metadata';
import type { ExceptionFilter, Type } from '@nestjs/common';
import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
} from '@nestjs/common/constants.js';
import { MESSAGE_MAPPING_METADATA, MESSAGE_METADATA, PARAM_ARGS_METADATA } from '@nestjs/websockets/constants.js';
import { WsParamtype } from '@nestjs/websockets/enums/ws-paramtype.enum.js';
import { DomainError } from '../../common/domain-error.js';
import { compileDto } from './compile-dto.js';
import { DomainErrorFilter } from './domain-error.filter.js';

/** Validates the body of a message, calls the gateway's method, and returns its answer. */
export type MessageHandler = (client: object, body: unknown) => object | void | Promise<object | void>;

type Method = MessageHandler;
/** A class that describes the body of a message. */
export type DtoClass = abstract new (...args: never[]) => object;
type Filter = Type<DomainErrorFilter<never, never>>;

/** Classes that TypeScript records for a type that is no class of the application's own. */
const NO_DTOS = new Set<unknown>([Object, Array, String, Number, Boolean, Buffer, Promise, Function]);

/** Decorators that Nest's own gateways may have, and the metadata that they leave. The endpoint does not run them. */
const UNSUPPORTED = new Map([
  ['@UseGuards', GUARDS_METADATA],
  ['@UseInterceptors', INTERCEPTORS_METADATA],
  ['@UsePipes', PIPES_METADATA],
]);

/** Parameters of a method: the client first, the body second. */
const PARAMETERS = [`${WsParamtype.SOCKET}:0`, `${WsParamtype.PAYLOAD}:1`];

/**
 * Reads a gateway's decorators: the methods of `@SubscribeMessage`, inherited ones included, with their DTOs, which are
 * the types of their second parameters, and the filter of `@UseFilters`.
 *
 * Nest itself would call the methods through several promises and closures per frame, and would run the frames of one
 * client concurrently; see docs/architecture.md.
 * @throws Error for a gateway that cannot work as its decorators say
 */
export function messageHandlersOf(gateway: object): {
  handlers: Map<string, MessageHandler>;
  filter: Type<ExceptionFilter>;
} {
  const { constructor } = gateway;
  refuseUnsupported(constructor, constructor.name);
  const handlers = new Map<string, MessageHandler>();
  for (const [name, method] of methodsOf(gateway)) {
    const place = `${constructor.name}.${name}`;
    const event: unknown = Reflect.getMetadata(MESSAGE_METADATA, method);
    if (typeof event !== 'string') throw new Error(`${place} must subscribe to an event by its name, a string`);
    if (handlers.has(event)) throw new Error(`${place} subscribes to ${event}, as another method of the gateway does`);
    refuseUnsupported(method, place);
    if (Reflect.hasMetadata(EXCEPTION_FILTERS_METADATA, method)) {
      throw new Error(`${place} has a filter of its own. Only the filter of the gateway answers errors`);
    }
    checkParameters(constructor, name, place);
    handlers.set(event, handlerOf(method.bind(gateway), compileDto(dtoOf(gateway, name, place))));
  }
  return { handlers, filter: filterOf(constructor) };
}

/** Returns the DTOs of a gateway class by the events that its methods subscribe to. */
export function dtosOf({ prototype }: Type): ReadonlyMap<string, DtoClass> {
  const gateway = Object.create(prototype as object) as object;
  const methods = [...methodsOf(gateway)];
  return new Map(
    methods.map(([name, method]) => {
      const event = Reflect.getMetadata(MESSAGE_METADATA, method) as string;
      return [event, dtoOf(gateway, name, `${gateway.constructor.name}.${name}`)];
    }),
  );
}

/**
 * Returns the filter of a gateway class.
 * @throws Error unless it has exactly one, a subclass of DomainErrorFilter
 */
export function filterOf(gateway: { readonly name: string }): Filter {
  const [filter, ...others] = (Reflect.getMetadata(EXCEPTION_FILTERS_METADATA, gateway) ?? []) as unknown[];
  if (!isFilter(filter) || others.length > 0) {
    throw new Error(`${gateway.name} needs exactly one filter: @UseFilters with a subclass of DomainErrorFilter`);
  }
  return filter;
}

function isFilter(filter: unknown): filter is Filter {
  return typeof filter === 'function' && filter.prototype instanceof DomainErrorFilter;
}

/** Returns the methods with `@SubscribeMessage` by their names. An overridden method counts as its override. */
function methodsOf(gateway: object): Map<string, Method> {
  const methods = new Map<string, Method>();
  const seen = new Set<string>();
  let prototype = Object.getPrototypeOf(gateway) as object;
  for (; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype) as object) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (seen.has(name)) continue;
      seen.add(name);
      const value: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
      if (isHandler(value)) methods.set(name, value);
    }
  }
  return methods;
}

function isHandler(value: unknown): value is Method {
  return typeof value === 'function' && Reflect.hasMetadata(MESSAGE_MAPPING_METADATA, value);
}

function refuseUnsupported(target: object, place: string): void {
  for (const [decorator, key] of UNSUPPORTED) {
    if (!Reflect.hasMetadata(key, target)) continue;
    throw new Error(`${place} has ${decorator}, which does not run on signaling frames: decide in the admission`);
  }
}

/** The endpoint passes the client and the body in this order, whatever the decorators of the parameters say. */
function checkParameters(gateway: object, name: string, place: string): void {
  const parameters = (Reflect.getMetadata(PARAM_ARGS_METADATA, gateway, name) ?? {}) as Record<
    string,
    { readonly data?: unknown; readonly pipes?: readonly unknown[] }
  >;
  for (const [key, { data, pipes = [] }] of Object.entries(parameters)) {
    if (PARAMETERS.includes(key) && data === undefined && pipes.length === 0) continue;
    throw new Error(
      `${place} must take (@ConnectedSocket() client, @MessageBody() body), in this order and without pipes`,
    );
  }
}

function dtoOf(gateway: object, name: string, place: string): DtoClass {
  const [, dto] = (Reflect.getMetadata('design:paramtypes', gateway, name) ?? []) as [unknown, DtoClass?];
  if (typeof dto === 'function' && !NO_DTOS.has(dto)) return dto;
  throw new Error(
    `${place} has no DTO: its second parameter must have a class as its type, imported without "import type"`,
  );
}

function handlerOf(method: Method, validate: (body: object) => void): MessageHandler {
  return (client, body) => {
    if (typeof body !== 'object' || body === null) {
      throw new DomainError('INVALID_REQUEST', { reason: 'the message has no body' });
    }
    validate(body);
    return method(client, body);
  };
}
