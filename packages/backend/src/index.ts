export { completeWasm } from './wasm/install.ts';
