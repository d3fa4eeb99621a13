// Prints whether `require` and `import()` give the same classes.
import { SignalboxModule } from 'signalbox';

void import('signalbox').then((imported) => {
  process.stdout.write(String(imported.SignalboxModule === SignalboxModule));
});
