import { NestFactory } from '@nestjs/core';

/**
 * Returns a factory for an application beside others of the process. A factory keeps options of its last application,
 * so the shared one would mix them up.
 */
export function newNestFactory(): typeof NestFactory {
  const Factory = NestFactory.constructor as new () => typeof NestFactory;
  return new Factory();
}
