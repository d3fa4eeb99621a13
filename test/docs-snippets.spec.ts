import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '..');
/** A snippet may use a class that a later one declares. */
const USED_BEFORE_DECLARATION = [2449, 2450];

/** What the snippets of a page use and do not declare: imports, and the application's own names. */
const CONTEXTS: Record<string, string> = {
  'docs/embedding.md': `
    import { randomInt } from 'node:crypto';
    import { Get, Injectable } from '@nestjs/common';
    import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
    import {
      DomainError, EasyRtcHooks, IdGenerator, ServerEvents, SignalboxHealthIndicator, type SignalingService,
      type EasyRtcIdentity, type EasyRtcLoginAttempt, type EasyRtcPeer, type EasyRtcServerMessage,
    } from 'signalbox';
    import { createTestServer, PeerJsTestClient } from 'signalbox/testing';
    class ConfigModule {}
    class ConfigService { get(_name: string): string { return ''; } }
    class UsersModule {}
    declare function findUser(credential: unknown): Promise<{ name: string; groups: string[] } | undefined>;
    declare const signaling: SignalingService;`,
  'docs/protocols.md': `
    import type { IncomingMessage } from 'node:http';
    import { Injectable, Module, UseFilters } from '@nestjs/common';
    import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
    import { IsString } from 'class-validator';
    import { DomainError, IdGenerator, type RawJson, type Signal, SignalboxModule } from 'signalbox';
    import {
      ClientRooms, type DecodedFrame, decodeJson, DomainErrorFilter, type DomainErrorTable, emission, type Frame, jsonFrame,
      ProtocolAdmission, ProtocolModule, SignalboxGateway, SignalSender, SocketIoClientConnection, type SocketIoMessage,
      textFrame, translate, WebSocketClient, type WebSocketCodec, type WebSocketConnection,
    } from 'signalbox/protocol';
    class UsersModule {}
    class UsersService { async knows(_cookie: string | undefined): Promise<boolean> { return true; } }
    declare const others: Omit<DomainErrorTable<string>, 'CLIENT_NOT_FOUND'>;`,
  'docs/events.md': `
    import { Injectable } from '@nestjs/common';
    import {
      type ClientConnected, type NodeJoined, type NodeLeft, OnServerEvent, type ServerEvents,
    } from 'signalbox';`,
  'docs/authentication.md': `
    import { type CanActivate, Injectable } from '@nestjs/common';
    import {
      AccessHooks, canActivate, type ClientView, type ConnectAttempt, DomainError, type Identity, SignalboxModule,
    } from 'signalbox';
    class Sessions { async find(_token?: string): Promise<{ id: string; name: string } | undefined> { return undefined; } }
    class SessionsModule {}
    class SessionGuard implements CanActivate { canActivate(): boolean { return true; } }`,
  'docs/turn.md': `
    import { Injectable } from '@nestjs/common';
    import { ConfiguredIce, type IceConfig, IceProvider, type IceRequest, SignalboxModule } from 'signalbox';
    declare function isNear(server: IceConfig['iceServers'][number], address: string): boolean;`,
  'docs/backplanes.md': `
    import { createTestServer, type NodePorts, PeerJsTestClient } from 'signalbox/testing';
    class NatsConnection {}
    declare const NatsBackplane: new () => Backplane;
    declare const NatsClientDirectory: new () => ClientDirectory;
    declare const NatsRoomStore: new () => RoomStore;
    declare const NatsOfflineQueue: new () => OfflineQueue;
    declare const NatsMessageBus: new () => MessageBus;
    declare const NatsEventJournal: new () => EventJournal;
    declare const NatsEventCursors: new () => EventCursors;
    declare function openNode(name: string, config: object): Promise<NodePorts & { stop(): Promise<void> }>;`,
};

/** The classes around snippets that show members of a class, by how the snippet begins. */
const CLASSES: Record<string, (members: string) => string> = {
  'constructor(events': (members) => `class Lobby { ${members} }`,
  "@Get('health')": (members) => `class HealthController {
    constructor(private readonly health: HealthCheckService, private readonly signalbox: SignalboxHealthIndicator) {}
    ${members} }`,
  'protected override answer(connection: SocketIo': (members) =>
    `class SocketFilter extends DomainErrorFilter<SocketIoClientConnection> { ${members} }`,
};

function snippetsOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code);
}

/** Returns a module with the snippets of a page. What a page leaves out (`…`) is replaced. */
function moduleOf(page: string): string {
  const parts = snippetsOf(page).map((snippet) => {
    const code = snippet.replace(/\/\/ … every other code.*/, '...others,').replaceAll('=> …)', '=> undefined)');
    const begin = Object.keys(CLASSES).find((start) => code.startsWith(start));
    return begin === undefined ? code : CLASSES[begin](code);
  });
  return [CONTEXTS[page], ...parts, 'export {};'].join('\n');
}

/** Returns the errors of TypeScript in modules by their paths, all of which lie in this folder. */
function errorsIn(modules: ReadonlyMap<string, string>): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, ROOT);
  // Without the strictness that most applications do not ask for.
  const lenient = ['noUnusedLocals', 'noUnusedParameters', 'noImplicitReturns', 'noUncheckedIndexedAccess'];
  for (const name of [...lenient, 'isolatedModules']) options[name] = false;
  const host = ts.createCompilerHost(options);
  host.readFile = (file) => modules.get(file) ?? ts.sys.readFile(file);
  host.fileExists = (file) => modules.has(file) || ts.sys.fileExists(file);
  const program = ts.createProgram([...modules.keys()], options, host);
  return new Map([...modules.keys()].map((file) => [file, errorsOf(program, program.getSourceFile(file)!)]));
}

/** Returns the lines of a file with errors, each with its message. */
function errorsOf(program: ts.Program, source: ts.SourceFile): string[] {
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    .filter(({ code }) => !USED_BEFORE_DECLARATION.includes(code))
    .map(({ messageText, start = 0 }) => {
      const [line] = source.text.slice(source.text.lastIndexOf('\n', start) + 1).split('\n', 1);
      return `${line.trim()}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
}

describe('the snippets of TypeScript', () => {
  const fileOf = (page: string): string => join(ROOT, 'test', `${basename(page, '.md')}-snippets.ts`);
  let errors: Map<string, string[]>;

  beforeAll(() => {
    errors = errorsIn(new Map(Object.keys(CONTEXTS).map((page) => [fileOf(page), moduleOf(page)])));
  });

  it.each(Object.keys(CONTEXTS))('in %s compile', (page) => {
    expect(snippetsOf(page).length).toBeGreaterThan(0);
    expect(errors.get(fileOf(page))).toEqual([]);
  });
});
