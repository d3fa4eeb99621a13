// Compares the exported types of each entry with its report in api/: `node scripts/api-report.mjs` fails if they differ,
// `--update` writes the reports. Reads the declarations in dist/.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const ROOT = resolve(import.meta.dirname, '..');
const REPORTS = join(ROOT, 'api');
/** How TypeScript reads the declarations. */
const COMPILER = {
  module: 'nodenext',
  moduleResolution: 'nodenext',
  target: 'es2023',
  strict: true,
  skipLibCheck: true,
  types: ['node'],
};
const isUpdate = process.argv.includes('--update');

const { exports, name } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const temporary = mkdtempSync(join(tmpdir(), 'signalbox-api-'));
mkdirSync(REPORTS, { recursive: true });
try {
  for (const [entry, { import: file }] of Object.entries(exports)) {
    if (file) check(entry === '.' ? name : basename(entry), join(ROOT, file.types));
  }
} finally {
  rmSync(temporary, { recursive: true });
}

/** Sets the exit code if the report of an entry is out of date, or its types cannot be read. */
function check(entry, types) {
  const messages = [];
  const { succeeded, apiReportChanged } = Extractor.invoke(configOf(entry, types), {
    localBuild: isUpdate,
    messageCallback: (message) => {
      message.handled = true;
      // The summary below says what else is wrong.
      const isFault = message.category !== 'console' && ['error', 'warning'].includes(message.logLevel);
      if (isFault) messages.push(`${message.messageId} ${message.text}`);
    },
  });
  if (apiReportChanged && !isUpdate) messages.push(`api/${entry}.api.md is out of date, run npm run docs:api`);
  for (const message of messages) process.stderr.write(`${entry}: ${message}\n`);
  if (!succeeded || (apiReportChanged && !isUpdate)) process.exitCode = 1;
}

function configOf(entry, mainEntryPointFilePath) {
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(ROOT, 'package.json'),
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath,
      compiler: { overrideTsconfig: { compilerOptions: COMPILER, files: [mainEntryPointFilePath] } },
      apiReport: {
        enabled: true,
        reportFolder: REPORTS,
        reportTempFolder: temporary,
        reportFileName: `${entry}.api.md`,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        extractorMessageReporting: {
          default: { logLevel: 'warning' },
          // Everything that is exported is public, unless it is marked as internal.
          'ae-missing-release-tag': { logLevel: 'none' },
          'ae-undocumented': { logLevel: 'none' },
          // Another entry may export it. typedoc knows all of them.
          'ae-forgotten-export': { logLevel: 'none' },
        },
      },
    },
  });
}
