import { applyDocumentation, Documented, type Swagger } from './documented.js';

/** Records the decorators that are applied, in place of `@nestjs/swagger`. */
function fakeSwagger() {
  const applied: unknown[][] = [];
  const ApiTags =
    (...tags: string[]) =>
    (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
      applied.push([tags[0], target, key, descriptor?.value]);
    };
  return { applied, swagger: { ApiTags } as unknown as Swagger };
}

const tagged = (tag: string) => Documented(({ ApiTags }) => [ApiTags(tag)]);

function makeClasses() {
  @tagged('class')
  class Parent {
    @tagged('property')
    readonly name: string = 'a';

    @tagged('method')
    run(): void {
      this.stop();
    }

    stop(): void {
      // It has no description.
    }
  }

  class Child extends Parent {}

  return { Parent, Child };
}

describe('applyDocumentation', () => {
  it('applies the decorators of a class, its methods and properties', () => {
    const { applied, swagger } = fakeSwagger();
    const { Parent } = makeClasses();
    expect(applyDocumentation(Parent, swagger)).toBe(Parent);
    const run: unknown = Object.getOwnPropertyDescriptor(Parent.prototype, 'run')?.value;
    expect(applied).toEqual([
      ['property', Parent.prototype, 'name', undefined],
      ['method', Parent.prototype, 'run', run],
      ['class', Parent, undefined, undefined],
    ]);
  });

  it('applies them once, even for two servers in one process', () => {
    const { applied, swagger } = fakeSwagger();
    const { Parent } = makeClasses();
    applyDocumentation(Parent, swagger);
    applyDocumentation(Parent, swagger);
    expect(applied).toHaveLength(3);
  });

  it('leaves a class without descriptions alone, and applies none of its parent', () => {
    const { applied, swagger } = fakeSwagger();
    expect(applyDocumentation(makeClasses().Child, swagger).name).toBe('Child');
    expect(applied).toEqual([]);
  });
});
