import { DomainError } from '../../common/domain-error.js';
import { JsonFrame } from '../../common/json-frame.js';

/**
 * Reads a text frame that holds a JSON object, for codecs of protocols in JSON.
 * @throws DomainError INVALID_MESSAGE for every other frame
 */
export function decodeJson(bytes: Buffer, isBinary: boolean): JsonFrame {
  if (isBinary) throw invalid('Messages must be text frames.');
  try {
    return new JsonFrame(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw invalid('The message holds too many values.');
    throw invalid(error instanceof TypeError ? 'The message is not a JSON object.' : 'The message is not valid JSON.');
  }
}

function invalid(reason: string): DomainError {
  return new DomainError('INVALID_MESSAGE', { reason });
}
