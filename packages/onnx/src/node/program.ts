import { KdError } from '@kd/core';
import type { InferenceSession } from 'onnxruntime-node';
import type { Graph } from '../graph/graph.ts';
import { type LoweredGraph, type LoweredPort, lowerGraph } from '../lower/lower-graph.ts';
import { optimizeGraph } from '../passes/optimize-graph.ts';
import { blockOf } from './blocked-layout.ts';
import { compareOutputs } from './compare-outputs.ts';
import type { Binding, SessionSettings } from './open-session.ts';
import type { OnnxRuntime } from './runtime.ts';
import { markChecked, openCached, wasChecked } from './session-cache.ts';

export interface ProgramOptions extends SessionSettings {
  /**
   * Channels that ONNX Runtime keeps together in its blocked layout, several times faster for images: 16 (AVX-512),
   * 8 (AVX2), or 1 for portable graphs without it. @default 'auto', which asks ONNX Runtime
   */
  block?: 'auto' | 1 | 8 | 16;
  /**
   * Where graphs are kept as ONNX Runtime has optimised them; false: nowhere.
   * @default `KD_CACHE_DIR`, else `kd` in the system's cache folder
   */
  cacheDir?: string | false;
  /** Told in one line what runs slower than asked for, or differently, and why. @default nobody */
  onWarning?: (message: string) => void;
}

const BLOCKS: readonly unknown[] = ['auto', 1, 8, 16];

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
  const { block: asked = 'auto', onWarning } = options;
  if (!BLOCKS.includes(asked)) {
    throw new KdError('INVALID_ARGUMENT', `onnx: block must be one of ${BLOCKS.join(', ')}, got ${asked}`, {
      block: asked,
    });
  }
  const block = asked === 'auto' ? await blockOf(runtime) : asked;
  const optimized = withPlainNames(optimizeGraph(graph));
  const lower = (target: 1 | 8 | 16): LoweredGraph => lowerGraph(optimized, { block: target });
  const lowered = lower(block);
  const { inputs, outputs } = lowered;
  let usedBlock: 1 | 8 | 16 = isBlocked(lowered) ? block : 1;
  let isChecked = usedBlock === 1 || (await wasChecked(runtime, lowered.bytes, options));
  let session: InferenceSession;

  const usePortable = (portable: InferenceSession, why: string): void => {
    session = portable;
    usedBlock = 1;
    isChecked = true;
    onWarning?.(
      `onnx: the blocked graph (block ${block}) ${why}; the portable one is used, which is slower for images`,
    );
  };

  try {
    session = await openCached(runtime, lowered.bytes, options);
  } catch (error) {
    if (usedBlock === 1) throw error;
    const portable = await openCached(runtime, lower(1).bytes, options);
    usePortable(portable, `does not load (${(error as Error).message.split('\n')[0]})`);
  }

  /** The first run of a blocked graph: once more by the portable one, and compared. */
  async function runChecked(feeds: Bindings, fetches: Bindings): Promise<void> {
    const portable = await openCached(runtime, lower(1).bytes, options);
    const expected = await portable.run(feeds);
    let difference: string | undefined;
    try {
      await session.run(feeds, fetches);
      difference = compareOutputs(fetches, expected);
    } catch (error) {
      difference = `fails (${(error as Error).message.split('\n')[0]})`;
    }
    if (difference === undefined) {
      isChecked = true;
      await markChecked(runtime, lowered.bytes, options);
      return portable.release();
    }
    await session.release();
    usePortable(portable, difference);
    await session.run(feeds, fetches);
  }

  return {
    inputs,
    outputs,
    get block() {
      return usedBlock;
    },
    async run(feeds, fetches) {
      if (isChecked) await session.run(feeds, fetches);
      else await runChecked(feeds, fetches);
    },
    release: () => session.release(),
  };
}

/** TF.js' names of variables depend on what else has been made in the process; the cache is to find the graph again. */
function withPlainNames({ nodes, inputs, outputs }: Graph): Graph {
  return {
    nodes,
    inputs: inputs.map((input, i) => ({ ...input, name: `input${i}` })),
    outputs: outputs.map((output, i) => ({ ...output, name: `output${i}` })),
  };
}
