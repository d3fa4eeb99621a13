declare module 'bufferutil' {
  const bufferutil: {
    mask(this: void, source: Buffer, mask: Buffer, output: Buffer, offset: number, length: number): void;
  };
  export default bufferutil;
}
