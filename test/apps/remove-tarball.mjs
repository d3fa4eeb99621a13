// Jest's global teardown of the project `apps`: removes what `pack.mjs` has made.
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';

export default function removeTarball() {
  rmSync(dirname(process.env.SIGNALBOX_TARBALL), { recursive: true });
}
