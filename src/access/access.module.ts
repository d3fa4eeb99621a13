import { Module } from '@nestjs/common';
import { AdminAccess } from './admin-access.js';

/** Who may see and do what only the operator may. */
@Module({ providers: [AdminAccess], exports: [AdminAccess] })
export class AccessModule {}
