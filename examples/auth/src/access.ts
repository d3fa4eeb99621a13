import { Inject, Injectable } from '@nestjs/common';
import { AccessHooks, type ClientView, type ConnectAttempt, type Identity } from 'signalbox';
import { Users } from './users.js';

/** Lets clients into the rooms of their teams alone: `red`, `red-1`, … */
@Injectable()
export class Access extends AccessHooks {
  constructor(@Inject(Users) private readonly users: Users) {
    super();
  }

  /** Called when the token is good. Its claims need not say what the application knows better. */
  override connect(_attempt: ConnectAttempt, { sub }: Identity): Identity {
    const user = this.users.find(sub);
    return user
      ? { attributes: { team: user.team }, rooms: { join: [user.team, `${user.team}-*`] } }
      : { rooms: { join: [] } };
  }

  override mayCreateRoom(_client: ClientView, room: string): boolean {
    return room.includes('-');
  }
}
