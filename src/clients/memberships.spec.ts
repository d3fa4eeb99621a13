import { Memberships } from './memberships.js';

describe('Memberships', () => {
  let memberships: Memberships;

  beforeEach(() => {
    memberships = new Memberships();
    memberships.add('created', true);
    memberships.add('joined');
  });

  const stateOf = ({ rooms, createdRooms }: Memberships): string[][] => [[...rooms].sort(), [...createdRooms]];

  it('leaves out rooms that the client is leaving', () => {
    memberships.startLeaving('created');
    expect(stateOf(memberships)).toEqual([['joined'], []]);
    expect(memberships.delete('created')).toBe(false);
    memberships.endLeaving('created', true);
    expect(stateOf(memberships)).toEqual([['joined'], []]);
  });

  it('restores a room that the client could not leave', () => {
    memberships.startLeaving('created');
    memberships.startLeaving('joined');
    memberships.endLeaving('created', false);
    memberships.endLeaving('joined', false);
    expect(stateOf(memberships)).toEqual([['created', 'joined'], ['created']]);
  });

  it('adds no room that the client was not in', () => {
    memberships.startLeaving('other');
    memberships.endLeaving('other', false);
    expect(stateOf(memberships)).toEqual([['created', 'joined'], ['created']]);
  });

  it('moves all rooms to a successor', () => {
    const successor = new Memberships();
    memberships.moveTo(successor);
    expect(stateOf(successor)).toEqual([['created', 'joined'], ['created']]);
    expect(stateOf(memberships)).toEqual([[], []]);
  });
});
