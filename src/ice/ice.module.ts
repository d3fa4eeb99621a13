import { Module } from '@nestjs/common';
import { LoggingModule } from '../logging/logging.module.js';
import { RealmsModule } from '../realms/realms.module.js';
import { ConfiguredIce } from './configured-ice.js';

/** The ICE servers of the options. */
@Module({ imports: [RealmsModule, LoggingModule], providers: [ConfiguredIce], exports: [ConfiguredIce] })
export class IceModule {}
