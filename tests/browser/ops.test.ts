// WebGL, and the compositions that WebAssembly has with threads; `npm run check:webgpu` does the same on WebGPU.
import { describe, it } from 'vitest';
import { expectMatchesReference } from '../../packages/ops/src/testing/check-op.ts';
import { OP_CASES, VALUE_CASES } from '../../packages/ops/src/testing/op-cases.ts';
import { openBackend } from './backends.ts';

describe.each(['webgl', 'wasm'])('an op of @kd/ops on %s', (backend) => {
  openBackend(backend);

  it.each([...OP_CASES, ...VALUE_CASES])('has the value and gradients of doubles: $name', (opCase) =>
    expectMatchesReference(opCase, 1e-4),
  );
});
