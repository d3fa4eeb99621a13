import { Module } from '@nestjs/common';
import { AdminAccess } from './admin-access.js';

/** Provides the check of admin tokens. */
@Module({ providers: [AdminAccess], exports: [AdminAccess] })
export class AccessModule {}
