import { encodeModel } from '../onnx-file/encode-model.ts';
import { bind, openSession } from './open-session.ts';
import type { OnnxRuntime } from './runtime.ts';

const CHANNELS = 32;

const found = new WeakMap<OnnxRuntime, Promise<1 | 8 | 16>>();

/**
 * How many channels ONNX Runtime keeps together in its blocked layout on this machine: 16 with AVX-512, 8 with AVX2, 1 if
 * there is no such layout. Found by having it turn a tensor and looking where the last channel lands.
 */
export function blockOf(runtime: OnnxRuntime): Promise<1 | 8 | 16> {
  const known = found.get(runtime) ?? probe(runtime).catch(() => 1 as const); // an operator that is not there
  found.set(runtime, known);
  return known;
}

async function probe(runtime: OnnxRuntime): Promise<1 | 8 | 16> {
  const port = { shape: [1, CHANNELS, 1, 2], type: 'float32' } as const;
  const bytes = encodeModel({
    nodes: [
      { op: 'ReorderInput', domain: 'com.microsoft.nchwc', ins: ['x'], outs: ['y'], attributes: {}, label: 'probe' },
    ],
    constants: [],
    inputs: [{ ...port, name: 'x' }],
    outputs: [{ ...port, name: 'y' }],
  });
  const session = await openSession(runtime, bytes, { threads: 1 });
  try {
    const last = CHANNELS - 1;
    const data = new Float32Array(2 * CHANNELS);
    data[2 * last] = 1;
    const { y } = await session.run({ x: bind(runtime, { shape: port.shape, dtype: 'float32' }, data) });
    const at = (y!.data as Float32Array).indexOf(1);
    return ([16, 8] as const).find((block) => at === 2 * block * Math.floor(last / block) + (last % block)) ?? 1;
  } finally {
    await session.release();
  }
}
