import { NestFactory } from '@nestjs/core';
import { configureApp } from 'signalbox';
import { serveDocs } from 'signalbox/admin';
import { AppModule } from './app.module';

async function main(): Promise<void> {
  const app = configureApp(await NestFactory.create(AppModule));
  serveDocs(app);
  await app.listen(process.env.PORT ?? 9000);
}

void main();
