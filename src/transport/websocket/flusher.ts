import { Injectable } from '@nestjs/common';

/** An object that gathers writes. */
export interface Flushable {
  /** Writes everything gathered. Returns the number of bytes. */
  flush(): number;
}

/** Maximum number of immediate flushes per event-loop turn. Later writes wait until the end of the turn. */
const EAGER = 8;

/**
 * Maximum number of bytes written per event-loop turn: a few milliseconds of copying. The rest follows in the next
 * turns.
 */
const BYTES_IN_A_TURN = 4_194_304;

/**
 * Gathers frames, so that each socket is written once for many frames. While the load is low, the frames that one
 * socket's input leads to are written before the next socket is read, which keeps the latency low. Under load, frames
 * are written once for all sockets read in a turn, which saves system calls here and wakes each recipient once.
 */
@Injectable()
export class Flusher {
  private waiting: Flushable[] = [];
  private eager = EAGER;
  private isTurnScheduled = false;

  /** Schedules one flush of the object. It is added again only after that. */
  add(flushable: Flushable): void {
    if (this.waiting.push(flushable) > 1) return;
    if (this.eager > 0) {
      this.eager--;
      process.nextTick(flushAll, this);
    }
    this.scheduleTurn();
  }

  /** @internal */
  flushAll(): void {
    const { waiting } = this;
    this.waiting = [];
    let bytes = 0;
    for (let at = 0; at < waiting.length; at++) {
      bytes += waiting[at]!.flush();
      if (bytes > BYTES_IN_A_TURN && at + 1 < waiting.length) {
        this.waiting = [...waiting.slice(at + 1), ...this.waiting];
        this.scheduleTurn();
        return;
      }
    }
  }

  /** @internal */
  endTurn(): void {
    this.isTurnScheduled = false;
    this.eager = EAGER;
    this.flushAll();
  }

  private scheduleTurn(): void {
    if (this.isTurnScheduled) return;
    this.isTurnScheduled = true;
    setImmediate(endTurn, this);
  }
}

// Module functions instead of closures: one of these runs for nearly every message.

function flushAll(flusher: Flusher): void {
  flusher.flushAll();
}

function endTurn(flusher: Flusher): void {
  flusher.endTurn();
}
