declare module 'bufferutil' {
  const bufferutil: { unmask(this: void, bytes: Buffer, mask: Buffer): void };
  export default bufferutil;
}
