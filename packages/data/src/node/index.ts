export type { LoadIdxOptions } from './load-idx.ts';
export { loadIdx } from './load-idx.ts';
export type { LoadMnistOptions } from './load-mnist.ts';
export { loadMnist } from './load-mnist.ts';
