import { Inbox } from './inbox.js';

const any = (): boolean => true;
const is = (wanted: number) => (message: number) => message === wanted; // prettier-ignore

describe('Inbox', () => {
  it('returns the oldest matching message and keeps the others', async () => {
    const inbox = new Inbox<number>(1000);
    for (const message of [1, 2, 3]) inbox.add(message);
    expect(await inbox.next('two', is(2))).toBe(2);
    expect([await inbox.next('any', any), await inbox.next('any', any)]).toEqual([1, 3]);
  });

  it('gives a new message to the first call that waits for it', async () => {
    const inbox = new Inbox<number>(1000);
    const waiting = [inbox.next('two', is(2)), inbox.next('any', any), inbox.next('any', any)];
    for (const message of [1, 2, 3]) inbox.add(message);
    expect(await Promise.all(waiting)).toEqual([2, 1, 3]);
  });

  it('names the wanted message and the unread ones if nothing comes in time', async () => {
    const inbox = new Inbox<number>(20);
    inbox.add(1);
    await expect(inbox.next('a two', is(2))).rejects.toThrow('nothing within 20 ms; wanted: a two; unread: [1]');
    inbox.add(2);
    expect(await inbox.next('a two', is(2))).toBe(2);
  });

  it('rejects calls that wait when the connection closes, and returns what is unread after that', async () => {
    const inbox = new Inbox<number>(1000);
    const waiting = inbox.next('a two', is(2));
    inbox.add(1);
    inbox.close('closed with 1006');
    await expect(waiting).rejects.toThrow('closed with 1006; wanted: a two; unread: [1]');
    expect(await inbox.next('any', any)).toBe(1);
    await expect(inbox.next('any', any)).rejects.toThrow('closed with 1006; wanted: any; unread: []');
  });
});
