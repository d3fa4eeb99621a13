import type { Swagger } from '../../common/documented.js';
import type { DomainError } from '../../common/domain-error.js';
import { CHALLENGE } from '../../ice/ice.documents.js';
import { httpErrorOf } from './peerjs.errors.js';

/**
 * Describes the error responses of an HTTP endpoint, each with its text as an example.
 * @param refusals the errors of the endpoint, by their meaning
 */
export function refusalsOf(
  { ApiResponse }: Swagger,
  refusals: Readonly<Record<string, DomainError>>,
): MethodDecorator[] {
  const all = Object.entries(refusals).map(([meaning, error]) => ({ meaning, ...httpErrorOf(error) }));
  return [...new Set(all.map(({ status }) => status))].map((status) => {
    const same = all.filter((refusal) => refusal.status === status);
    const examples = Object.fromEntries(same.map(({ meaning, text }) => [meaning, { value: text }]));
    const description = same.map(({ meaning }) => meaning).join('; ');
    const headers = same.some((refusal) => refusal.headers) ? CHALLENGE : undefined;
    const content = { 'text/plain': { schema: { type: 'string' }, examples } };
    return ApiResponse({ status, description, headers, content });
  });
}
