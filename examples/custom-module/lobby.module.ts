import { Controller, Get, Injectable, Module } from '@nestjs/common';
import {
  Config,
  DomainError,
  EasyRtcHooks,
  type EasyRtcIdentity,
  type EasyRtcLoginAttempt,
  RoomsService,
  ServerEvents,
  SignalboxModule,
} from 'signalbox';

/** A listener: counts the clients that have connected and disconnected since the start. */
@Injectable()
export class Visits {
  come = 0;
  gone = 0;

  constructor(events: ServerEvents) {
    events.on('client.connected', () => this.come++);
    events.on('client.disconnected', () => this.gone++);
  }
}

/** A controller: returns the members of the room `lobby` and the number of visits. */
@Controller('lobby')
export class LobbyController {
  constructor(
    private readonly rooms: RoomsService,
    private readonly visits: Visits,
  ) {}

  @Get()
  async lobby(): Promise<{ members: string[]; come: number; gone: number }> {
    const room = await this.rooms.find('default', 'lobby');
    const { come, gone } = this.visits;
    return { members: room?.members.map(({ id }) => id) ?? [], come, gone };
  }
}

/** The application's users, in place of a database. */
@Injectable()
export class Users {
  private readonly names = new Map([['open sesame', 'Ali Baba']]);

  nameOf(word: unknown): string | undefined {
    return typeof word === 'string' ? this.names.get(word) : undefined;
  }
}

@Module({ providers: [Users], exports: [Users] })
export class UsersModule {}

/** An authenticator: EasyRTC clients log in with `easyrtc.setCredential({ word: … })`. */
@Injectable()
export class WordHooks extends EasyRtcHooks {
  constructor(
    config: Config,
    private readonly users: Users,
  ) {
    super(config);
  }

  override authenticate({ credential }: EasyRtcLoginAttempt): EasyRtcIdentity {
    const username = this.users.nameOf((credential as { word?: unknown } | undefined)?.word);
    if (username === undefined) throw new DomainError('NOT_AUTHORIZED', {});
    return { username };
  }
}

/** An application around the signaling server. */
@Module({
  imports: [
    SignalboxModule.forRoot({
      logLevel: 'warn',
      extensions: [{ provide: EasyRtcHooks, useClass: WordHooks }],
      imports: [UsersModule],
    }),
  ],
  controllers: [LobbyController],
  providers: [Visits],
})
export class LobbyModule {}
