import 'reflect-metadata';
import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Admin } from '../access/admin-token.js';
import type { AdminRequest } from './admin.guard.js';

const SCOPE = 'signalbox:realm-scope';

/**
 * Where a request names its realm: in its query or its body (the realm `default` if it does not), or there as a filter,
 * without which it is about several realms. The handler of such a request leaves out the realms that the admin does not
 * see.
 */
type NamedBy = 'query' | 'body' | 'filter' | 'filter in body';

/** Opens a handler to tokens that are bound to realms. Without it, they get 403. */
export const OfRealm = (namedBy: NamedBy): MethodDecorator => SetMetadata(SCOPE, namedBy);

/** The realms that an admin sees. */
export class RealmScope {
  constructor(readonly realms: ReadonlySet<string> | undefined) {}

  includes(realm: string): boolean {
    return this.realms?.has(realm) ?? true;
  }

  /** Returns the realms that a request is about: the one that it names, or all that the admin sees; undefined for all. */
  within(realm: string | undefined): readonly string[] | undefined {
    if (realm !== undefined) return [realm].filter((name) => this.includes(name));
    return this.realms && [...this.realms];
  }
}

/** Injects the realms that the admin of a request sees. */
export const Scope = createParamDecorator((_: unknown, context: ExecutionContext): RealmScope => {
  return new RealmScope(context.switchToHttp().getRequest<AdminRequest>().admin?.realms);
});

/** Injects the admin of a request. */
export const RequestAdmin = createParamDecorator((_: unknown, context: ExecutionContext): Admin | undefined => {
  return context.switchToHttp().getRequest<AdminRequest>().admin;
});

/** Whether an admin may call a handler with the realm that a request names. */
export function mayUse({ realms }: Admin, request: AdminRequest, handler: object): boolean {
  if (realms === undefined) return true;
  const namedBy = Reflect.getMetadata(SCOPE, handler) as NamedBy | undefined;
  if (namedBy === undefined) return false;
  const isInBody = namedBy === 'body' || namedBy === 'filter in body';
  const { realm, room, ids } = (isInBody ? (request.body ?? {}) : request.query) as Record<string, unknown>;
  // Rooms and ids are of one realm.
  const isFilter = namedBy.startsWith('filter') && room === undefined && ids === undefined;
  if (isFilter && realm === undefined) return true;
  if (realm === undefined) return realms.has('default');
  return typeof realm === 'string' && realms.has(realm);
}
