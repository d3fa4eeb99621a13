import { Body, Controller, HttpCode, HttpStatus, Inject, Post, UnauthorizedException } from '@nestjs/common';
import { SignJWT } from 'jose';
import { Users } from './users.js';

@Controller('login')
export class LoginController {
  /** @param secret signs the tokens; Signalbox verifies with the same one */
  constructor(
    @Inject(Users) private readonly users: Users,
    @Inject('JWT_SECRET') private readonly secret: string,
  ) {}

  /** Returns a token for a user with the right password. */
  @Post()
  @HttpCode(HttpStatus.OK)
  async login(@Body() { name, password }: { name?: string; password?: string }): Promise<{ token: string }> {
    const user = this.users.find(name);
    if (!user || user.password !== password) throw new UnauthorizedException();
    // Signals only to members of the same rooms. Which rooms these are, the hooks decide.
    const token = await new SignJWT({ signalbox: { name: user.name, signal: 'rooms' } })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(user.name)
      .setExpirationTime('1h')
      .sign(Buffer.from(this.secret));
    return { token };
  }
}
