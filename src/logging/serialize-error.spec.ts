import { pino } from 'pino';
import { serializeError } from './serialize-error.js';

describe('serializeError', () => {
  it('keeps message and stack, and drops the arguments of a Redis command', () => {
    const lines: string[] = [];
    const log = pino({ serializers: { err: serializeError } }, { write: (line) => void lines.push(line) });
    const error = Object.assign(new Error('WRONGPASS'), { code: 'E', command: { name: 'auth', args: ['s3cret'] } });
    log.error({ err: error }, 'failed');
    expect(lines[0]).not.toContain('s3cret');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: { type: 'Error', message: 'WRONGPASS', code: 'E' } });
    expect((JSON.parse(lines[0] ?? '') as { err: { stack: string } }).err.stack).toContain('serialize-error.spec');
  });
});
