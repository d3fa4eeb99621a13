import { Module } from '@nestjs/common';
import { BlocksService } from './blocks.service.js';
import { BlocksHere } from './blocks-here.js';

/** Blocks of addresses and users for a time. */
@Module({ providers: [BlocksHere, BlocksService], exports: [BlocksHere, BlocksService] })
export class BlocksModule {}
