import { Option } from '../option.js';
import { Flag } from '../rules.js';

/** The pages that come with the server. */
export class PageOptions {
  @Option('Whether the demo page is served at /demo.', { section: 'Pages' })
  @Flag()
  readonly demo: boolean = true;

  @Option(
    'Whether Swagger UI is served at /docs, with the description of the HTTP API at /docs-json and that of the protocols at /docs-async.json.',
  )
  @Flag()
  readonly docs: boolean = true;

  @Option('Whether the console for operators is served at /console.')
  @Flag()
  readonly console: boolean = true;
}
