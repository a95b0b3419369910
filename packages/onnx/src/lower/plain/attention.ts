import type { Node } from '../../graph/graph.ts';
import type { Emitter, LoweringTable, Name } from '../lowering.ts';
import { plain } from './plain-lowering.ts';

/** Keeps the weights, [batch, heads, tokens, tokens], for its gradient. */
function attention(emitter: Emitter, { ins, attrs, outs }: Node): Name {
  const [query, key, value] = [ins.query!, ins.key!, ins.value!].map((each) => emitter.get(each)) as [Name, Name, Name];
  const scores = emitter.matMul(query, key, { transposeB: true, alpha: attrs.scale as number });
  const weights = emitter.op('Softmax', [scores], { axis: -1 });
  if (outs[1]) emitter.put(outs[1], 'tf', weights);
  return emitter.matMul(weights, value);
}

function attentionGrad(emitter: Emitter, { ins, attrs, outs }: Node): Name {
  const names = ['dy', 'query', 'key', 'value', 'saved0'].map((each) => emitter.get(ins[each]!));
  const [dy, query, key, value, weights] = names as [Name, Name, Name, Name, Name];
  const alpha = attrs.scale as number;
  const weighted = emitter.mul(weights, emitter.matMul(dy, value, { transposeB: true }));
  const dScores = emitter.sub(weighted, emitter.mul(weights, emitter.sum(weighted, [3], true)));
  emitter.put(outs[1]!, 'tf', emitter.matMul(dScores, query, { transposeA: true, alpha }));
  emitter.put(outs[2]!, 'tf', emitter.matMul(weights, dy, { transposeA: true }));
  return emitter.matMul(dScores, key, { alpha });
}

export const attentionLowerings: LoweringTable = {
  KdAttention: plain(attention),
  KdAttentionGrad: plain(attentionGrad),
};
