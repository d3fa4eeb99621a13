import { Document, isCollection, isScalar } from 'yaml';
import type { LoadedConfig } from '../config/load-config.js';
import { masked } from '../config/mask.js';
import { type OptionsClass, optionsOf } from '../config/option.js';

/** Returns the effective configuration as YAML for `--config`, with the source of each value; secrets are masked. */
export function printConfig<T extends object>(Type: OptionsClass<T>, { config, origins }: LoadedConfig<T>): string {
  const document = new Document({});
  for (const option of optionsOf(Type)) {
    const { name } = option;
    const node = document.createNode(masked(option, Reflect.get(config, name)), { flow: true });
    const origin = origins.get(name);
    if (origin !== undefined && origin !== 'default' && (isScalar(node) || isCollection(node))) {
      node.comment = ` ${origin}`;
    }
    document.add(document.createPair(name, node));
  }
  return document.toString({ lineWidth: 0 });
}
