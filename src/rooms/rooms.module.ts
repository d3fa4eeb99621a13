import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { RoomsService } from './rooms.service.js';

@Module({ imports: [ClientsModule], providers: [RoomsService], exports: [RoomsService] })
export class RoomsModule {}
