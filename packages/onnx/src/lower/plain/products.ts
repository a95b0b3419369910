import type { LoweringTable } from '../lowering.ts';
import { plain } from './plain-lowering.ts';

/** Kernels of matrices. */
export const productLowerings: LoweringTable = {
  BatchMatMul: plain((emitter, { ins, attrs }) => {
    const transposes = { transposeA: Boolean(attrs.transposeA), transposeB: Boolean(attrs.transposeB) };
    return emitter.matMul(emitter.get(ins.a!), emitter.get(ins.b!), transposes);
  }),
  Einsum: plain((emitter, { ins, attrs }) => {
    const equation = (attrs.equation as string).replaceAll(' ', '');
    return emitter.op(
      'Einsum',
      Object.values(ins).map((value) => emitter.get(value)),
      { equation },
    ); // prettier-ignore
  }),
  Softmax: plain((emitter, { ins }) => emitter.op('Softmax', [emitter.get(ins.logits!)], { axis: -1 })),
  LogSoftmax: plain((emitter, { ins }) => emitter.op('LogSoftmax', [emitter.get(ins.logits!)], { axis: -1 })),
};
