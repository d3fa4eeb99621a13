import { Injectable } from '@nestjs/common';
import { Backplane } from '../../common/backplane.js';

/** Backplane of a single node: always available. */
@Injectable()
export class MemoryBackplane extends Backplane {
  override readonly isAvailable = true;
}
