import { PackedApp } from '../support/packed-app.js';

it('makes npm refuse a Nest 11 application, instead of installing a second Nest', async () => {
  const { code, output } = await PackedApp.copy('test/apps/nest-11').run('npm', 'install', '--package-lock-only');
  expect(code).not.toBe(0);
  expect(output).toContain('ERESOLVE');
  expect(output).toMatch(/peer @nestjs\/(common|core|platform-express)@"\^12\.0\.0" from signalbox@/);
});
