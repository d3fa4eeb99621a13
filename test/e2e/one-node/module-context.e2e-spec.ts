import { NestFactory } from '@nestjs/core';
import { AdminModule } from '../../../src/admin/admin.module.js';
import {
  ClientsService,
  createApp,
  SignalboxHealthIndicator,
  SignalboxModule,
  SignalingService,
} from '../../../src/index.js';
import { MonitoringModule } from '../../../src/monitoring/monitoring.module.js';
import { becomes } from '../../support/becomes.js';
import { rootModule } from '../../support/host-application.js';
import { atTeardown } from '../../support/teardown.js';

describe('an application context, which has no HTTP server', () => {
  it('has the services, and closes', async () => {
    const module = rootModule({
      imports: [SignalboxModule.forRoot({ logLevel: 'silent' }), AdminModule, MonitoringModule],
    });
    const context = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    atTeardown(() => context.close());
    const signaling = context.get(SignalingService, { strict: false });
    const heard: unknown[] = [];
    const ends: unknown[] = [];
    const bot = await signaling.addVirtualClient({
      realm: 'default',
      id: 'bot',
      onSignal: ({ payload }) => void heard.push(payload),
      onEnd: (reason) => void ends.push(reason),
    });
    await bot.send({ kind: 'message', to: 'bot', payload: 'to itself' });
    await becomes(() => heard, ['to itself']);
    expect(context.get(ClientsService, { strict: false }).countHere).toBe(1);
    const { signalbox } = await context.get(SignalboxHealthIndicator, { strict: false }).isHealthy();
    expect(signalbox.status).toBe('up');
    await context.close();
    expect(ends).toEqual(['server shutdown']);
  });

  it('is not needed by an application that is closed before it starts', async () => {
    const app = await createApp({ logLevel: 'silent' });
    await app.close();
    await app.close();
  });
});
