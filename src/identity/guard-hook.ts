import {
  type CanActivate,
  type ClassProvider,
  type ExecutionContext,
  HttpException,
  HttpStatus,
  Injectable,
  type Type,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { firstValueFrom, isObservable } from 'rxjs';
import { DomainError } from '../common/domain-error.js';
import type { ConnectAttempt, Identity } from '../common/identity.js';
import { isObject } from '../common/is-object.js';
import { AccessHooks } from './access-hooks.js';
import { refuse } from './auth-reasons.js';
import { readClaims } from './claims.js';

const MEMBER = 'signalbox';
const SECOND_MS = 1000;

/** What a guard sees as the request. A guard may set `user`, as those of Passport do. */
export interface GuardedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** IP address. */
  readonly ip: string;
  readonly attempt: ConnectAttempt;
  /** Claims of the client, as in a token: `sub`, `exp` and `signalbox`. */
  user?: unknown;
}

/** A hook that asks a guard: both a class, for `useClass`, and an extension. */
export type GuardHook = Type<AccessHooks> & ClassProvider<AccessHooks>;

/**
 * Makes a hook of a Nest guard: `SignalboxModule.forRoot({ extensions: [canActivate(MyGuard)] })`. The guard decides
 * which clients may connect. `switchToHttp().getRequest()` gives it a request with the headers `authorization`, `origin`
 * and `user-agent`, and with the attempt; `switchToWs().getData()` the attempt. If it sets `user` of the request, its
 * members `sub`, `exp` and `signalbox` are the claims of the client. A guard that returns false, or throws an
 * UnauthorizedException, refuses the client as one without a valid token.
 * @param Guard its dependencies are those that an extension may inject
 */
export function canActivate(Guard: Type<CanActivate>): GuardHook {
  @Injectable()
  class GuardedAccess extends AccessHooks {
    private guard?: CanActivate;

    constructor(private readonly modules: ModuleRef) {
      super();
    }

    override async connect(attempt: ConnectAttempt): Promise<Identity> {
      this.guard ??= await this.modules.create(Guard);
      const request = requestOf(attempt);
      if (!(await isActivated(this.guard, contextOf(Guard, request)))) refuse('hook');
      return identityOf(request.user);
    }
  }
  return Object.assign(GuardedAccess, { provide: AccessHooks, useClass: GuardedAccess });
}

async function isActivated(guard: CanActivate, context: ExecutionContext): Promise<boolean> {
  try {
    const answer = guard.canActivate(context);
    return await (isObservable(answer) ? firstValueFrom(answer) : answer);
  } catch (error) {
    if (!(error instanceof HttpException)) throw error;
    if (error.getStatus() === (HttpStatus.UNAUTHORIZED as number)) return false;
    if (error.getStatus() === (HttpStatus.FORBIDDEN as number)) throw new DomainError('NOT_AUTHORIZED', {});
    throw error;
  }
}

function requestOf(attempt: ConnectAttempt): GuardedRequest {
  const { token, origin, userAgent, address: ip } = attempt;
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(origin !== undefined && { origin }),
    ...(userAgent !== undefined && { 'user-agent': userAgent }),
  };
  return { headers, query: {}, ip, attempt };
}

/** The handler of the context: no method of a controller is called. */
function connect(): void {
  // Guards look for metadata at handlers.
}

function contextOf(Guard: Type<CanActivate>, request: GuardedRequest): ExecutionContext {
  const { attempt } = request;
  const context = {
    getClass: () => Guard,
    getHandler: () => connect,
    getArgs: () => [request, attempt],
    getArgByIndex: (index: number) => [request, attempt][index],
    getType: () => 'http',
    switchToHttp: () => ({ getRequest: () => request, getResponse: () => ({}), getNext: () => undefined }),
    switchToWs: () => ({ getClient: () => request, getData: () => attempt, getPattern: () => 'connect' }),
    switchToRpc: () => ({ getData: () => attempt, getContext: () => request }),
  };
  return context as unknown as ExecutionContext;
}

function identityOf(user: unknown): Identity {
  if (!isObject(user)) return {};
  const { exp } = user;
  return readClaims(user, MEMBER, typeof exp === 'number' ? exp * SECOND_MS : exp).identity;
}
