import type { Case } from './case.js';
import { CLOSES } from './closes.js';
import { CONTROL } from './control.js';
import { FIRST } from './first.js';
import { FRAGMENTED } from './fragmented.js';
import { HEADERS } from './headers.js';
import { LENGTHS } from './lengths.js';
import { UTF8 } from './utf8.js';

/** All cases of the suite. */
export const CASES: readonly Case[] = [...LENGTHS, ...HEADERS, ...CONTROL, ...FRAGMENTED, ...UTF8, ...CLOSES, ...FIRST];
