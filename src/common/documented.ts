import 'reflect-metadata';

/** The package `@nestjs/swagger`, which only an application that serves the documentation needs. */
export type Swagger = typeof import('@nestjs/swagger');

type AnyDecorator = ClassDecorator & MethodDecorator & PropertyDecorator;

/** Returns decorators of `@nestjs/swagger`. */
type Describe = (swagger: Swagger) => readonly (ClassDecorator | MethodDecorator | PropertyDecorator)[];

/** The decorators of a class, method or property that are not applied yet. */
interface Pending {
  readonly key?: string | symbol;
  readonly describe: Describe;
}

const PENDING = Symbol('signalbox:documented');

/** Describes a class, method or property in the OpenAPI document. The decorators are applied by `applyDocumentation`. */
export function Documented(describe: Describe): AnyDecorator {
  return (target: object, key?: string | symbol) => {
    const owner = key === undefined ? target : target.constructor;
    const pending = (Reflect.getOwnMetadata(PENDING, owner) ?? []) as readonly Pending[];
    Reflect.defineMetadata(PENDING, [...pending, { key, describe }], owner);
  };
}

/**
 * Applies the decorators of a documented class, the first time it is called for this class.
 * @returns the class
 */
export function applyDocumentation<T extends object>(
  documented: T & { readonly prototype: object },
  swagger: Swagger,
): T {
  const pending = (Reflect.getOwnMetadata(PENDING, documented) ?? []) as readonly Pending[];
  Reflect.deleteMetadata(PENDING, documented);
  for (const { key, describe } of pending) {
    for (const decorator of describe(swagger)) apply(decorator as AnyDecorator, documented, key);
  }
  return documented;
}

function apply(decorator: AnyDecorator, documented: { readonly prototype: object }, key?: string | symbol): void {
  const { prototype } = documented;
  if (key === undefined) {
    decorator(documented as unknown as () => void);
    return;
  }
  const method = Object.getOwnPropertyDescriptor(prototype, key);
  if (method) decorator(prototype, key, method);
  else decorator(prototype, key);
}
