import { HttpException, HttpStatus } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';

/** The body of an error response (RFC 9457). */
export class Problem {
  @ApiProperty({ description: 'Stable identifier of the kind of problem: `urn:signalbox:problem:` and its name' })
  readonly type!: string;

  @ApiProperty({ description: 'Kind of problem, for people' })
  readonly title!: string;

  @ApiProperty({ description: 'HTTP status of the response' })
  readonly status!: number;

  @ApiProperty({ required: false, description: 'Description of this problem' })
  readonly detail?: string;
}

/** All kinds of problems, with status and title. */
export const PROBLEMS = {
  'bad-request': [HttpStatus.BAD_REQUEST, 'Bad Request'],
  unauthorized: [HttpStatus.UNAUTHORIZED, 'Unauthorized'],
  forbidden: [HttpStatus.FORBIDDEN, 'Forbidden'],
  'not-found': [HttpStatus.NOT_FOUND, 'Not Found'],
  'not-a-member': [HttpStatus.NOT_FOUND, 'Not a Member'],
  'room-exists': [HttpStatus.CONFLICT, 'Room Exists'],
  'not-supported-by-client': [HttpStatus.CONFLICT, 'Not Supported by Client'],
  'limit-reached': [HttpStatus.CONFLICT, 'Limit Reached'],
  'too-large': [HttpStatus.PAYLOAD_TOO_LARGE, 'Too Large'],
  'too-many-attempts': [HttpStatus.TOO_MANY_REQUESTS, 'Too Many Attempts'],
  unavailable: [HttpStatus.SERVICE_UNAVAILABLE, 'Unavailable'],
  internal: [HttpStatus.INTERNAL_SERVER_ERROR, 'Internal Server Error'],
} as const satisfies Record<string, readonly [HttpStatus, string]>;

export type ProblemKind = keyof typeof PROBLEMS;

/** An exception that is answered with a problem. */
export class ProblemException extends HttpException {
  constructor(
    readonly kind: ProblemKind,
    readonly detail?: string,
  ) {
    super(kind, PROBLEMS[kind][0]);
  }
}

export function problemOf(kind: ProblemKind, detail?: string): Problem {
  const [status, title] = PROBLEMS[kind];
  return { type: `urn:signalbox:problem:${kind}`, title, status, ...(detail === undefined ? {} : { detail }) };
}
