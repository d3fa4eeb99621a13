import { HttpException, HttpStatus } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';

/** What is wrong with a request, as RFC 9457 has it. */
export class Problem {
  @ApiProperty({ description: 'Stable; says what kind of problem it is: `urn:signalbox:problem:` and its name' })
  readonly type!: string;

  @ApiProperty({ description: 'The kind of problem in words' })
  readonly title!: string;

  @ApiProperty({ description: 'The status of the response' })
  readonly status!: number;

  @ApiProperty({ required: false, description: 'What is wrong with this request' })
  readonly detail?: string;
}

/** The kinds of problems, with their status and title. */
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

/** Ends a request with a problem. */
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
