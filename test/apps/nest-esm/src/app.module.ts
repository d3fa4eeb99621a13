import { Controller, Get, Module } from '@nestjs/common';
import { ClientsService, SignalboxModule } from 'signalbox';
import { AdminModule } from 'signalbox/admin';
import { MonitoringModule } from 'signalbox/monitoring';

@Controller('count')
class CountController {
  constructor(private readonly clients: ClientsService) {}

  @Get()
  async count(): Promise<{ clients: number }> {
    return { clients: (await this.clients.list({ limit: 10 })).items.length };
  }
}

@Module({
  imports: [
    SignalboxModule.forRoot({ logLevel: 'warn', adminTokens: ['ops:read:0123456789abcdef'] }),
    AdminModule,
    MonitoringModule,
  ],
  controllers: [CountController],
})
export class AppModule {}
