import { JsonFrame } from './json-frame.js';

const frame = (text: string) => new JsonFrame(Buffer.from(text));

describe('JsonFrame', () => {
  it.each([
    ['{"data":1}', '1'],
    [' \n{ "a" : [1,{"data":2}] ,\t"data" : {"x":"}"} } ', '{"x":"}"}'],
    ['{"data":"a\\"b\\\\","z":0}', '"a\\"b\\\\"'],
    ['{"data":"\\\\\\\\"}', '"\\\\\\\\"'],
    ['{"x":"\\"data\\":1","data":null}', 'null'],
    ['{"data":1.50e3 ,"x":[]}', '1.50e3'],
    ['{"data":[[],{},"]"],"x":{}}', '[[],{},"]"]'],
    ['{"data":1,"data":2}', '2'],
    ['{"d\\u0061ta":"é€😀"}', '"é€😀"'],
    ['{"é":"ü","data":true}', 'true'],
    ['{"data":""}', '""'],
  ])('finds the text of a member in %s', (text, raw) => {
    const found = frame(text).raw('data');
    expect(found?.toString()).toBe(raw);
    expect(found?.parse()).toEqual((JSON.parse(text) as { data: unknown }).data);
  });

  it('returns the string in a member, or an empty one', () => {
    const frame = new JsonFrame(Buffer.from('{"a":"x\\n","b":5,"c":["x"],"__proto__":{"e":"x"}}'));
    expect(['a', 'b', 'c', 'd', 'e', 'toString'].map((name) => frame.text(name))).toEqual(['x\n', '', '', '', '', '']);
  });

  it('returns undefined for a missing member', () => {
    expect(frame('{}').raw('data')).toBeUndefined();
    expect(frame('{"x":{"data":1}}').raw('data')).toBeUndefined();
    expect(frame('{"data":1}').raw('toString')).toBeUndefined();
  });

  it('lists all members, including __proto__', () => {
    const members = frame('{"__proto__":{"a":1},"b":2,"constructor":3}').members();
    expect([...members].map(([key, raw]) => `${key}=${raw.toString()}`)).toEqual([
      '__proto__={"a":1}',
      'b=2',
      'constructor=3',
    ]);
  });

  it.each(['', '{', '{"a":}', 'nonsense', '{"a":1}x', "{'a':1}"])('rejects %j', (text) => {
    expect(() => frame(text)).toThrow(SyntaxError);
  });

  it.each(['null', '[]', '1', '"a"', 'true'])('rejects %s, which is no object', (text) => {
    expect(() => frame(text)).toThrow(TypeError);
  });

  it('agrees with JSON.parse on random objects', () => {
    const random = (depth: number): unknown => {
      const pick = Math.floor(Math.random() * (depth > 3 ? 4 : 6));
      if (pick === 0) return Math.random() * 10 ** Math.floor(Math.random() * 40 - 20);
      if (pick === 1) return String.fromCharCode(...Array.from({ length: 6 }, () => Math.floor(Math.random() * 300)));
      if (pick === 2) return [true, false, null][Math.floor(Math.random() * 3)];
      if (pick === 3) return '"\\'.repeat(Math.floor(Math.random() * 4));
      const items = Array.from({ length: Math.floor(Math.random() * 4) }, () => random(depth + 1));
      return pick === 4 ? items : Object.fromEntries(items.map((item, i) => [`k${i}"\\`, item]));
    };
    for (let i = 0; i < 2000; i++) {
      const object = { a: random(0), data: random(0), b: random(0) };
      const parsed = frame(JSON.stringify(object, undefined, i % 3));
      for (const [key, raw] of parsed.members()) expect(raw.parse()).toEqual(parsed.value[key]);
      expect(parsed.members().size).toBe(3);
    }
  });
});
