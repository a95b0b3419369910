import type { InferenceSession } from 'onnxruntime-node';
import type { OnnxModel } from '../onnx-file/onnx-model.ts';
import type { Binding } from './open-session.ts';

/*
 * A session of onnxruntime-node writes its outputs into the arrays that it is given, and then makes a new array of each to
 * give back. Here nobody reads those: the gradients of a step once more, which took a third of the time of MNIST's
 * teacher, and their size in memory. It makes them in the order of the outputs, and throws at the first that is a
 * sequence, which it has no array for; the run itself is over by then. So a graph gets an empty one as its first.
 */

const FIRST = 'sequence';
const THROWN = 'Non tensor type is temporarily not supported.';

/** The model with an output that ends the copying. For `runInPlace` only; name the outputs that are wanted to `run` it. */
export function withoutCopies({ nodes, outputs, ...model }: OnnxModel): OnnxModel {
  const empty = { op: 'SequenceEmpty', domain: '', ins: [], outs: [FIRST], attributes: { dtype: 1 }, label: FIRST };
  const first = { name: FIRST, shape: [], type: 'float32', isSequence: true } as const;
  return { ...model, nodes: [empty, ...nodes], outputs: [first, ...outputs] };
}

/** Runs a model of `withoutCopies`: reads the feeds and writes to the fetches. */
export async function runInPlace(
  session: Pick<InferenceSession, 'run'>,
  feeds: Readonly<Record<string, Binding>>,
  fetches: Readonly<Record<string, Binding>>,
): Promise<void> {
  try {
    await session.run(feeds, { [FIRST]: null, ...fetches });
  } catch (error) {
    if (!(error as Error).message.includes(THROWN)) throw error;
  }
}
