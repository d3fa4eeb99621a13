import { Injectable } from '@nestjs/common';

/** What gathers what is written to it. */
export interface Flushable {
  /** Returns how many bytes went out. */
  flush(): number;
}

/** So often in a turn of the event loop is flushed what one socket's data has led to; what is more waits for the turn's end. */
const EAGER = 8;

/** Bytes that go out in one turn of the event loop: a few milliseconds of copying. The rest follows in the next ones. */
const BYTES_IN_A_TURN = 4_194_304;

/**
 * Sees to it that what is written together goes out together. While there is little to do, what one socket had to say is
 * flushed before the next one is read; under load, once for all sockets that are read in one turn of the event loop, which
 * is cheaper for us and for whoever receives it.
 */
@Injectable()
export class Flusher {
  private waiting: Flushable[] = [];
  private eager = EAGER;
  private isTurnNoted = false;

  /** Flushes it soon, once. */
  add(flushable: Flushable): void {
    if (this.waiting.push(flushable) > 1) return;
    if (this.eager > 0) {
      this.eager--;
      process.nextTick(flushAll, this);
    }
    this.noteTurn();
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
        this.noteTurn();
        return;
      }
    }
  }

  /** @internal */
  endTurn(): void {
    this.isTurnNoted = false;
    this.eager = EAGER;
    this.flushAll();
  }

  private noteTurn(): void {
    if (this.isTurnNoted) return;
    this.isTurnNoted = true;
    setImmediate(endTurn, this);
  }
}

// No closures: one of these runs for nearly every message.

function flushAll(flusher: Flusher): void {
  flusher.flushAll();
}

function endTurn(flusher: Flusher): void {
  flusher.endTurn();
}
