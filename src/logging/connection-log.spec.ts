import { DomainError } from '../common/domain-error.js';
import { NodeIdentity } from '../common/node-identity.js';
import { ConnectionLog, type LoggedClient } from './connection-log.js';
import { Log } from './log.js';
import { Logger, type LogThreshold } from './logger.js';
import { StandardOutput } from './standard-output.js';

const CLIENT: LoggedClient = { id: 'ada', realm: 'acme', address: '192.0.2.1', identity: { sub: 'alice' } };
const FIELDS = { protocol: 'p', client: 'ada', realm: 'acme', address: '192.0.2.1', user: 'alice', node: 'one' };

function logging(level: LogThreshold, act: (log: ConnectionLog) => void): unknown[] {
  const lines: unknown[] = [];
  const logger = new Logger(level, (line) => void lines.push(JSON.parse(line)));
  act(new ConnectionLog(new Log(logger, new StandardOutput()), new NodeIdentity('one')));
  return lines;
}

it('logs who connects and disconnects', () => {
  const lines = logging('info', (log) => {
    log.connected('p', CLIENT);
    log.disconnected('p', CLIENT, 'closed by client', 7);
  });
  expect(lines).toMatchObject([
    { level: 30, ...FIELDS, msg: 'connected' },
    { level: 30, ...FIELDS, reason: 'closed by client', durationMs: 7, msg: 'disconnected' },
  ]);
});

it('logs the code and the data of the error for which a frame is rejected', () => {
  const lines = logging('debug', (log) => {
    log.rejected('p', { address: '192.0.2.1', core: { identity: CLIENT } }, new DomainError('ROOM_NOT_FOUND', { room: 'x' })); // prettier-ignore
    log.rejected('p', { address: '192.0.2.9', core: {} }, new DomainError('NOT_AUTHORIZED', {}));
  });
  expect(lines).toMatchObject([
    { level: 20, ...FIELDS, code: 'ROOM_NOT_FOUND', reason: 'room x', msg: 'frame rejected' },
    { level: 20, protocol: 'p', address: '192.0.2.9', code: 'NOT_AUTHORIZED' },
  ]);
});

it('does not look at a client whose frame is rejected while the level is above debug', () => {
  const untouchable = new Proxy({} as LoggedClient, {
    get: () => {
      throw new Error('touched');
    },
  });
  const lines = logging('info', (log) => {
    log.rejected('p', { address: '192.0.2.1', core: untouchable as never }, new DomainError('INTERNAL', {}));
  });
  expect(lines).toEqual([]);
});
