import { Module } from '@nestjs/common';
import { BackplaneModule } from '../backplane/backplane.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { RoomsService } from './rooms.service.js';

@Module({ imports: [BackplaneModule, ClientsModule], providers: [RoomsService], exports: [RoomsService] })
export class RoomsModule {}
