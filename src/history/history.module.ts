import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { CountersModule } from '../counters/counters.module.js';
import { NodesModule } from '../nodes/nodes.module.js';
import { RoomsModule } from '../rooms/rooms.module.js';
import { HistoryService } from './history.service.js';
import { NodeSampler } from './node-sampler.js';

@Module({
  imports: [AccessModule, ClientsModule, CountersModule, NodesModule, RoomsModule],
  providers: [NodeSampler, HistoryService],
  exports: [HistoryService],
})
export class HistoryModule {}
