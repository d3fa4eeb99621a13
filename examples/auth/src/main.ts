import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AccessHooks, configureApp, SignalboxModule } from 'signalbox';
import { Access } from './access.js';
import { LoginController } from './login.js';
import { Users } from './users.js';

const JWT_SECRET = process.env.JWT_SECRET ?? '';

@Module({ providers: [Users], exports: [Users] })
class UsersModule {}

const signalbox = SignalboxModule.forRoot({
  auth: { mode: 'jwt', jwt: { secret: JWT_SECRET } },
  extensions: [{ provide: AccessHooks, useClass: Access }],
  imports: [UsersModule],
});

@Module({
  imports: [UsersModule, signalbox],
  providers: [{ provide: 'JWT_SECRET', useValue: JWT_SECRET }],
  controllers: [LoginController],
})
class AppModule {}

const app = configureApp(await NestFactory.create(AppModule));
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 9000);
