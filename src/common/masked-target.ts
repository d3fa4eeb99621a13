const TOKENS = ['access_token', 'token'];
const MASK = '***';

/** Returns the target of a request as errors and log lines show it: without the tokens in its query. */
export function maskedTarget(target: string): string {
  const start = target.indexOf('?');
  if (start === -1) return target;
  const parameters = target.slice(start + 1).split('&');
  return `${target.slice(0, start)}?${parameters.map(masked).join('&')}`;
}

function masked(parameter: string): string {
  // Parses one parameter, whose name may be encoded.
  const [name] = new URLSearchParams(parameter).keys();
  return name !== undefined && TOKENS.includes(name.toLowerCase()) ? `${name}=${MASK}` : parameter;
}
