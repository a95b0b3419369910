/** Tests that also run in a browser: on the backends that Node does not have, WebGL and WebGPU, and for equal pixels. */
export const BROWSER_TESTS = [
  'packages/losses/src/goldens.test.ts',
  'packages/models/src/save-and-load.test.ts',
  'packages/data/src/augment/pixels/torchvision.test.ts',
  'packages/data/src/decode/decode-image-in-browser.test.ts',
  'packages/data/src/loader/portable.test.ts',
  'packages/data/src/processors/create-processor.test.ts',
  'packages/data/src/resample/resize-image.test.ts',
  'packages/onnx/src/export/onnxruntime-web.test.ts',
  'tests/browser/*.test.ts',
];
