// Prints whether an import statement and `import()` give the same classes: one copy of the package.
import { SignalboxModule } from 'signalbox';

void import('signalbox').then((imported) => {
  process.stdout.write(String(imported.SignalboxModule === SignalboxModule));
});
