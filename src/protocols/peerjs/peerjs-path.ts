/** The mount path without a slash at its end: empty for `/`, else like `/myapp`. */
export function mountPath(path: string): string {
  const bare = path.replace(/^\/+|\/+$/g, '');
  return bare === '' ? '' : `/${bare}`;
}
