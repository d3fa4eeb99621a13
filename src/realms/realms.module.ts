import { Module } from '@nestjs/common';
import { Realms } from './realms.js';

/** Provides the realms of the configuration. */
@Module({ providers: [Realms], exports: [Realms] })
export class RealmsModule {}
