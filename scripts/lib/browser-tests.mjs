/** Tests that also run in a browser, on the backends that Node does not have: WebGL and WebGPU. */
export const BROWSER_TESTS = ['packages/losses/src/goldens.test.ts'];
