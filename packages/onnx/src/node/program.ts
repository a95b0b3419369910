import { KdError } from '@kd/core';
import { emitWarning } from '@kd/core/node';
import type { InferenceSession } from 'onnxruntime-node';
import type { Graph } from '../graph/graph.ts';
import { type LoweredGraph, type LoweredPort, lowerToModel } from '../lower/lower-graph.ts';
import { encodeModel } from '../onnx-file/encode-model.ts';
import { optimizeGraph } from '../passes/optimize-graph.ts';
import { blockOf } from './blocked-layout.ts';
import { type CheckedGraphsOptions, markChecked, wasChecked } from './checked-graphs.ts';
import { compareOutputs } from './compare-outputs.ts';
import { type Binding, bind, openSession, type SessionSettings } from './open-session.ts';
import { runInPlace, withoutCopies } from './run-in-place.ts';
import type { OnnxRuntime } from './runtime.ts';

export interface ProgramOptions extends SessionSettings, CheckedGraphsOptions {
  /**
   * Channels that ONNX Runtime keeps together in its blocked layout, several times faster for images: 16 (AVX-512),
   * 8 (AVX2), or 1 for portable graphs without it. @default 'auto', which asks ONNX Runtime
   */
  block?: 'auto' | 1 | 8 | 16;
  /** Told in one line what runs slower than asked for, or differently, and why. @default process.emitWarning */
  onWarning?: (message: string) => void;
}

const BLOCKS: readonly unknown[] = ['auto', 1, 8, 16];

/** Relative: a few units of float32's last digit, as sums in another order have them. */
const ROUNDING = 2 ** -21;

type Bindings = Readonly<Record<string, Binding>>;

/** A graph that ONNX Runtime runs. */
export interface Program {
  readonly inputs: readonly LoweredPort[];
  readonly outputs: readonly LoweredPort[];
  /** What it was lowered for; 1 after the blocked graph was found wanting. */
  readonly block: 1 | 8 | 16;
  /** Reads the feeds and writes to the fetches, in place. */
  run(feeds: Bindings, fetches: Bindings): Promise<void>;
  release(): Promise<void>;
}

/** ONNX Runtime's own, undocumented domain: what is in it gets checked before it is trusted. */
const BLOCKED_DOMAIN = Buffer.from('com.microsoft.nchwc');

const isBlocked = ({ bytes }: LoweredGraph): boolean => Buffer.from(bytes.buffer).includes(BLOCKED_DOMAIN);

/**
 * Builds what runs a traced graph; inputs and outputs have its order, but not its names. A graph that uses the blocked
 * layout is compared with the portable one at its first run, on the values of that run; if it fails or differs, the
 * portable one is used from then on, and `onWarning` told.
 */
export async function buildProgram(runtime: OnnxRuntime, graph: Graph, options: ProgramOptions): Promise<Program> {
  const { block: asked = 'auto', onWarning = emitWarning } = options;
  if (!BLOCKS.includes(asked)) {
    throw new KdError('INVALID_ARGUMENT', `onnx: block must be one of ${BLOCKS.join(', ')}, got ${asked}`, {
      block: asked,
    });
  }
  const block = asked === 'auto' ? await blockOf(runtime) : asked;
  const optimized = withPlainNames(optimizeGraph(graph));
  const lower = (target: 1 | 8 | 16): LoweredGraph => {
    const { model, ...ports } = lowerToModel(optimized, { block: target });
    return { bytes: encodeModel(withoutCopies(model)), ...ports };
  };
  const lowered = lower(block);
  const { inputs, outputs } = lowered;
  let usedBlock: 1 | 8 | 16 = isBlocked(lowered) ? block : 1;
  let isChecked = usedBlock === 1 || (await wasChecked(runtime, lowered.bytes, options));
  let session: InferenceSession;

  const usePortable = (portable: InferenceSession, why: string): void => {
    session = portable;
    usedBlock = 1;
    isChecked = true;
    onWarning(`onnx: the blocked graph (block ${block}) ${why}; the portable one is used, which is slower for images`);
  };

  try {
    session = await openSession(runtime, lowered.bytes, options);
  } catch (error) {
    if (usedBlock === 1) throw error;
    const portable = await openSession(runtime, lower(1).bytes, options);
    usePortable(portable, `does not load (${(error as Error).message.split('\n')[0]})`);
  }

  /** The arguments that are numbers, with other last digits: what comes of it shows how much rounding matters. */
  function roundedArguments(feeds: Bindings): Bindings {
    const rounded = graph.inputs.flatMap(({ kind }, i) => {
      const { name, dtype } = inputs[i]!;
      if (kind === 'state' || dtype !== 'float32') return [];
      const data = (feeds[name]!.data as Float32Array).map((value, j) => value * (1 + (j % 2 ? ROUNDING : -ROUNDING)));
      return [[name, bind(runtime, inputs[i]!, data)]];
    });
    return Object.fromEntries(rounded);
  }

  /** The first run of a blocked graph: before it by the portable one, which is gone by then, and compared. */
  async function runChecked(feeds: Bindings, fetches: Bindings): Promise<void> {
    const portable = await openSession(runtime, lower(1).bytes, options);
    const [expected, rounded] = [
      await portable.run(feeds, Object.keys(fetches)),
      await portable.run({ ...feeds, ...roundedArguments(feeds) }, Object.keys(fetches)),
    ];
    await portable.release();
    let difference: string | undefined;
    try {
      await runInPlace(session, feeds, fetches);
      difference = compareOutputs(fetches, expected, rounded);
    } catch (error) {
      difference = `fails (${(error as Error).message.split('\n')[0]})`;
    }
    if (difference === undefined) {
      isChecked = true;
      return markChecked(runtime, lowered.bytes, options);
    }
    await session.release();
    usePortable(await openSession(runtime, lower(1).bytes, options), difference);
    await runInPlace(session, feeds, fetches);
  }

  return {
    inputs,
    outputs,
    get block() {
      return usedBlock;
    },
    async run(feeds, fetches) {
      if (isChecked) await runInPlace(session, feeds, fetches);
      else await runChecked(feeds, fetches);
    },
    release: () => session.release(),
  };
}

/** TF.js' names of variables depend on what else has been made in the process; a graph that was checked is to be known again. */
function withPlainNames({ nodes, inputs, outputs }: Graph): Graph {
  return {
    nodes,
    inputs: inputs.map((input, i) => ({ ...input, name: `input${i}` })),
    outputs: outputs.map((output, i) => ({ ...output, name: `output${i}` })),
  };
}
