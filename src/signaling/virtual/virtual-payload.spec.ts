import { RawJson } from '../../common/raw-json.js';
import { valueOf } from './virtual-payload.js';

const attachments = [Buffer.from('one'), Buffer.from('two')];
const placeholder = (num: unknown) => ({ _placeholder: true, num });

describe('valueOf', () => {
  it('parses a payload', () => {
    expect(valueOf({ payload: RawJson.of({ a: [1, null] }) })).toEqual({ a: [1, null] });
    expect(valueOf({ payload: RawJson.of(null) })).toBeNull();
    expect(valueOf({})).toBeUndefined();
  });

  it('puts binary parts in the place of their placeholders', () => {
    const payload = RawJson.of({ a: [placeholder(1), 'text'], b: placeholder(0), c: placeholder(1) });
    const [one, two] = attachments;
    expect(valueOf({ payload, attachments })).toEqual({ a: [two, 'text'], b: one, c: two });
    expect(valueOf({ payload: RawJson.of(placeholder(0)), attachments })).toEqual(one);
  });

  it('keeps what only looks like a placeholder', () => {
    const likes = [placeholder(2), placeholder('x'), placeholder('__proto__'), { _placeholder: 1, num: 0 }];
    expect(valueOf({ payload: RawJson.of(likes), attachments })).toEqual(likes);
    expect(valueOf({ payload: RawJson.of(placeholder(0)) })).toEqual(placeholder(0));
  });
});
