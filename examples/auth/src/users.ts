import { Injectable } from '@nestjs/common';

export interface User {
  readonly name: string;
  /** A real application keeps a slow hash. */
  readonly password: string;
  readonly team: string;
}

@Injectable()
export class Users {
  private readonly users: readonly User[] = [
    { name: 'alice', password: 'wonderland', team: 'red' },
    { name: 'bob', password: 'builder', team: 'blue' },
  ];

  find(name: string | undefined): User | undefined {
    return this.users.find((user) => user.name === name);
  }
}
