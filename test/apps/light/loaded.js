// Prints the packages from which `import(NAME)` has loaded files.
import { Session } from 'node:inspector';

const urls = [];
const session = new Session();
session.connect();
session.on('Debugger.scriptParsed', ({ params }) => urls.push(params.url));
session.post('Debugger.enable');
await import(process.argv[2]);
const packages = urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
process.stdout.write(JSON.stringify([...new Set(packages)].sort()));
