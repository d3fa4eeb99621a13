import { Module } from '@nestjs/common';
import { BlocksService } from './blocks.service.js';
import { BlocksHere } from './blocks-here.js';

/** Addresses and users that are shut out for a time. */
@Module({ providers: [BlocksHere, BlocksService], exports: [BlocksHere, BlocksService] })
export class BlocksModule {}
