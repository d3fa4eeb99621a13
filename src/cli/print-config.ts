import { Document, isScalar, isCollection } from 'yaml';
import type { LoadedConfig } from '../config/load-config.js';
import { optionsOf, type OptionsClass } from '../config/option.js';
import { MASK } from '../config/setting.js';

/** The effective configuration as YAML that `--config` reads again, but for secrets; says where each value came from. */
export function printConfig<T extends object>(Type: OptionsClass<T>, { config, origins }: LoadedConfig<T>): string {
  const document = new Document({});
  for (const { name, secret } of optionsOf(Type)) {
    const value: unknown = Reflect.get(config, name);
    const node = document.createNode(secret && !isEmpty(value) ? MASK : value, { flow: true });
    const origin = origins.get(name);
    if (origin !== undefined && origin !== 'default' && (isScalar(node) || isCollection(node))) {
      node.comment = ` ${origin}`;
    }
    document.add(document.createPair(name, node));
  }
  return document.toString({ lineWidth: 0 });
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}
