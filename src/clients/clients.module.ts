import { Module } from '@nestjs/common';
import { BackplaneModule } from '../backplane/backplane.module.js';
import { ClientsService } from './clients.service.js';

@Module({ imports: [BackplaneModule], providers: [ClientsService], exports: [ClientsService] })
export class ClientsModule {}
