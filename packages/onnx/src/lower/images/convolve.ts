import type { Geometry } from '../../graph/graph.ts';
import type { Attribute, Emitter, Name } from '../lowering.ts';

/** ONNX Runtime's operators on the blocked layout. */
export const blockedDomain = 'com.microsoft.nchwc';

/** What a convolution or a per-channel affine map can do on the way out: `activation(y + sum)`. */
export interface Epilogue {
  /** Added; in the layout of the output. */
  sum?: Name | undefined;
  activation?: 'relu' | 'relu6' | undefined;
}

export interface ConvolveOptions extends Epilogue {
  kernel: readonly [number, number];
  strides?: readonly [number, number];
  dilations?: readonly [number, number];
  pads?: readonly [number, number, number, number];
  group?: number;
  /** [channels]; on the blocked layout padded to the block. */
  bias?: Name | undefined;
}

const attributes = ({ kernel, strides, dilations, pads, group }: ConvolveOptions): Record<string, Attribute> => ({
  kernel_shape: kernel,
  ...(strides?.some((stride) => stride > 1) ? { strides } : {}),
  ...(dilations?.some((dilation) => dilation > 1) ? { dilations } : {}),
  ...(pads?.some((pad) => pad > 0) ? { pads } : {}),
  ...(group === undefined ? {} : { group }),
});

const fused: Record<'relu' | 'relu6', Record<string, Attribute>> = {
  relu: { activation: 'Relu' },
  relu6: { activation: 'Clip', activation_params: { float: [0, 6] } },
};

/** A convolution on the blocked layout, with everything behind it in the same operator. */
export function blockedConvolve(emitter: Emitter, x: Name, filter: Name, options: ConvolveOptions): Name {
  const { bias, sum, activation } = options;
  const inputs = [x, filter];
  if (bias !== undefined || sum !== undefined) inputs.push(bias ?? '');
  if (sum !== undefined) inputs.push(sum);
  return emitter.op(
    'Conv',
    inputs,
    { ...attributes(options), ...(activation ? fused[activation] : {}) },
    blockedDomain,
  );
}

/** A convolution of standard ONNX, on NCHW. */
export function nchwConvolve(emitter: Emitter, x: Name, filter: Name, options: ConvolveOptions): Name {
  const { bias } = options;
  const y = emitter.op('Conv', bias === undefined ? [x, filter] : [x, filter, bias], attributes(options));
  return applyEpilogue(emitter, y, options);
}

/** `activation(y + sum)` as operators of their own. */
export function applyEpilogue(emitter: Emitter, y: Name, { sum, activation }: Epilogue): Name {
  const added = sum === undefined ? y : emitter.add(y, sum);
  if (activation === 'relu') return emitter.op('Relu', [added]);
  if (activation === 'relu6') return emitter.op('Clip', [added, emitter.scalar(0), emitter.scalar(6)]);
  return added;
}

/** Kernel, strides and dilations of a node; paddings are the caller's, see `exactPads`. */
export const windowOf = ({ kernel, strides, dilations }: Geometry): ConvolveOptions => ({ kernel, strides, dilations });
