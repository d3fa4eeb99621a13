/** Prepares the servers: installs the packages that we compare with, and compiles the gateway. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { createKeys } from '../keys.mjs';

const bench = fileURLToPath(new URL('..', import.meta.url));
const built = `${bench}node_modules/.built`;

export const NEST_GATEWAY = `${built}/nest-gateway.mjs`;

export function prepare() {
  if (!existsSync(`${bench}node_modules/.package-lock.json`)) {
    execFileSync('npm', ['ci', '--prefix', bench, '--no-audit', '--no-fund'], { stdio: ['ignore', 2, 2] });
  }
  const source = readFileSync(`${bench}servers/nest-gateway.ts`, 'utf8');
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    useDefineForClassFields: false,
  };
  mkdirSync(built, { recursive: true });
  createKeys();
  writeFileSync(NEST_GATEWAY, ts.transpileModule(source, { compilerOptions }).outputText);
}
