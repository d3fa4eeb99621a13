import { Outbox } from './outbox.js';

/** Opens an outbox. `written` waits for a number of batches; `end` completes the oldest batch in flight. */
function open() {
  const batches: string[][] = [];
  const ends: ((error?: Error) => void)[] = [];
  const outbox = new Outbox((batch) => {
    batches.push(batch.map(String));
    return new Promise((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve(true))));
  });
  const written = async (count: number): Promise<string[][]> => {
    while (batches.length < count) await new Promise((resolve) => setImmediate(resolve));
    return batches;
  };
  return { outbox, written, end: (error?: Error) => ends.shift()?.(error) };
}

describe('Outbox', () => {
  it('sends messages of one turn together, and those that arrive meanwhile in the next batch', async () => {
    const { outbox, written, end } = open();
    const first = ['a', 'b'].map((text) => outbox.send(Buffer.from(text)));
    expect(await written(1)).toEqual([['a', 'b']]);
    const second = ['c', 'd'].map((text) => outbox.send(Buffer.from(text)));
    end();
    await Promise.all(first);
    expect(await written(2)).toEqual([['a', 'b'], ['c', 'd']]); // prettier-ignore
    end();
    await Promise.all(second);
    void outbox.send(Buffer.from('e'));
    expect((await written(3))[2]).toEqual(['e']);
  });

  it('rejects all messages of a failed batch, and continues with the next one', async () => {
    const { outbox, written, end } = open();
    const failing = outbox.send(Buffer.from('a'));
    await written(1);
    const next = outbox.send(Buffer.from('b'));
    end(new Error('away'));
    await expect(failing).rejects.toThrow('away');
    expect(await written(2)).toEqual([['a'], ['b']]);
    end();
    await next;
  });

  it('bounds a batch in number and bytes, except for a single larger message', async () => {
    const { outbox, written, end } = open();
    expect(outbox.isFull).toBe(false);
    for (let i = 0; i < 501; i++) void outbox.send(Buffer.from('x'));
    for (const bytes of [5_000_000, 3_000_000, 3_000_000]) void outbox.send(Buffer.alloc(bytes));
    expect(outbox.isFull).toBe(true);
    for (let count = 1; count <= 5; count++) {
      await written(count);
      end();
    }
    expect((await written(5)).map(({ length }) => length)).toEqual([500, 1, 1, 1, 1]);
    expect(outbox.isFull).toBe(false);
  });
});
