import { type Batch, KdError, normalizeImages } from '@kd/core';
import { emitWarning } from '@kd/core/node';
import { namedVariables } from '@kd/ops';
import { compileForward, type ForwardModel } from '../compile-forward.ts';
import { compileStep } from '../compile-step.ts';
import type { ProgramOptions } from '../program.ts';
import { type LoadRuntimeOptions, loadOnnxRuntime } from '../runtime.ts';
import type { StepArray } from '../trace-step.ts';
import { compiledObjective, readOutputs, TEACHER, WEIGHT } from './compiled-objective.ts';
import type { Engine, EngineResult, EngineRun, EngineStep } from './engine-types.ts';
import { ruleOf } from './update-rule.ts';

export interface OnnxEngineOptions extends ProgramOptions, LoadRuntimeOptions {
  /**
   * What runs instead, after one line to `onWarning`, where ONNX Runtime is missing or the step cannot be compiled:
   * `tfjsEngine()` of @kd/train. @default none: the error is thrown
   */
  fallback?: (run: never) => Engine | Promise<Engine>;
}

/** A model's answers in inference mode, as a compiled graph; undefined where it cannot be compiled. */
export interface Forward {
  (batch: Batch): Promise<Float32Array | undefined>;
  /** Gives the sessions back. */
  release(): Promise<void>;
}

/** A `StepEngineFactory` of @kd/train. */
export interface OnnxEngine {
  (run: EngineRun): Promise<Engine>;
  /** Runs another model, in inference mode: a teacher. */
  forward(model: ForwardModel): Forward;
}

/**
 * A step engine for the training loop of @kd/train: model, objective and gradients as one ONNX graph, the optimiser in
 * place on flat arrays. Same arguments, same checkpoints as `tfjsEngine()`; results equal within float tolerance, and bit for
 * bit from run to run on the same machine with as many threads.
 *
 * The model has the weights of the steps only after `sync`, which the loop calls before validation, checkpoints and the
 * end. Optimisers: `adam`, `adamW` and `sgd` of @kd/train, with their groups.
 *
 * @throws {KdError} without `fallback`: what `loadOnnxRuntime` throws, and UNSUPPORTED for another optimiser, or from the
 *   first step if it cannot be compiled
 *
 * @example
 * import { arrayDataset, dataLoader } from '@kd/data';
 * import { mlp } from '@kd/models';
 * import { onnxEngine } from '@kd/onnx/node';
 * import { classification, tfjsEngine, train } from '@kd/train';
 * const images = { data: Uint8Array.from({ length: 8 * 16 }, (_, i) => ((i >> 4) % 2 ? 255 : 0)), shape: [8, 4, 4] };
 * const dataset = arrayDataset({ images, labels: [0, 1, 0, 1, 0, 1, 0, 1], classNames: ['dark', 'light'] });
 * const model = mlp({ inputShape: [4, 4, 1], hiddenSizes: [8], classNames: ['dark', 'light'] });
 * const loader = dataLoader(dataset, { batchSize: 4, shuffle: true });
 * const engine = onnxEngine({ fallback: tfjsEngine() });
 * const { history } = await train({ model, objective: classification(), train: loader, epochs: 20, learningRate: 0.01, engine });
 * console.log(history[19]!.train_accuracy); // 1
 */
export function onnxEngine({ fallback, onWarning = emitWarning, ...more }: OnnxEngineOptions = {}): OnnxEngine {
  const options = { ...more, onWarning };
  const instead = async (run: EngineRun, error: unknown): Promise<Engine> => {
    if (!fallback) throw error;
    const engine = await fallback(run as never);
    onWarning(`onnx: ${engine.name} runs instead: ${(error as Error).message}`);
    return engine;
  };
  async function create(run: EngineRun): Promise<Engine> {
    try {
      const { version } = await loadOnnxRuntime(options);
      return withFallback(createEngine(run, version, options), (error) => instead(run, error));
    } catch (error) {
      return instead(run, error);
    }
  }
  return Object.assign(create, { forward: (model: ForwardModel) => forwardOf(model, options, fallback !== undefined) });
}

type Loud = ProgramOptions & LoadRuntimeOptions & Required<Pick<ProgramOptions, 'onWarning'>>;

/** @param mayFail whether a model that cannot be compiled for a shape is asked itself, after one line to `onWarning` */
function forwardOf(model: ForwardModel, options: Loud, mayFail: boolean): Forward {
  const compiled = compileForward(model, options);
  const failed = new Set<string>(); // images of a wrong size say nothing about those of the right one
  let warned = '';
  async function predict({ images, normalization }: Batch): Promise<Float32Array | undefined> {
    if (failed.has(images.shape.join())) return undefined;
    try {
      return await compiled.predict(images.data, images.shape, normalization);
    } catch (error) {
      if (!mayFail) throw error;
      failed.add(images.shape.join());
      const { message } = error as Error;
      if (message !== warned) options.onWarning(`onnx: the model is asked on TF.js instead: ${message}`);
      warned = message;
      return undefined;
    }
  }
  return Object.assign(predict, { release: compiled.release });
}

interface CompiledEngine extends Required<Omit<Engine, 'step'>> {
  /** Compiles for a batch like this one, if that has not been done. @returns does the step */
  prepare(input: EngineStep): Promise<() => Promise<EngineResult>>;
}

function createEngine(run: EngineRun, version: string, options: ProgramOptions & LoadRuntimeOptions): CompiledEngine {
  const { model, objective, optimizer, maxGradNorm, averages } = run;
  const compiled = compiledObjective(run);
  const step = compileStep({
    ...options,
    variables: [...namedVariables(model), ...(objective.variables ?? [])],
    rule: ruleOf(optimizer),
    group: optimizer.settingsOf,
    ...(maxGradNorm === undefined ? {} : { maxGradientNorm: maxGradNorm }),
    ...(averages ? { averages } : {}),
    loss: compiled.loss,
  });
  const forward = compileForward(model, options);
  let steps = 0; // since the last sync
  let isOpen = false;
  return {
    name: `onnxruntime-node ${version}`,
    async prepare(input) {
      if (!isOpen) step.restore(await optimizer.state());
      isOpen = true;
      const { context, learningRate, update = true } = input;
      const inputs = inputsOf(input);
      await step.prepare(inputs);
      return async () => {
        const draw = (name: string): Float32Array => compiled.draw(name, context);
        const { loss, outputs, gradientNorm, skipped } = await step.run(inputs, { learningRate, draw, update });
        steps += 1;
        return {
          loss,
          ...readOutputs(outputs),
          ...(gradientNorm === undefined ? {} : { gradNorm: gradientNorm }),
          ...(skipped ? { skipped } : {}),
        };
      };
    },
    moveAverages: step.moveAverages,
    async sync() {
      if (steps === 0) return;
      step.writeVariables();
      optimizer.restore(step.state());
      steps = 0;
    },
    logits: ({ images, normalization }) => forward.predict(images.data, images.shape, normalization),
    async dispose() {
      await step.release();
      await forward.release();
    },
  };
}

/** What of a batch goes into the graph. */
function inputsOf({ batch, teacherLogits, teacherFeatures = {}, weights = {} }: EngineStep): Record<string, StepArray> {
  const { images, normalization, labels, targets, ids } = batch as Batch;
  const rows = ids.length;
  return {
    images: { data: normalizeImages('onnxEngine', images, normalization), shape: images.shape },
    ...(labels ? { labels: { data: labels, shape: [rows] } } : {}),
    ...(targets ? { targets: { data: targets, shape: [rows, targets.length / rows] } } : {}),
    ...(teacherLogits ? { teacherLogits: { data: teacherLogits, shape: [rows, teacherLogits.length / rows] } } : {}),
    ...Object.fromEntries(Object.entries(teacherFeatures).map(([name, feature]) => [TEACHER + name, feature])),
    ...Object.fromEntries(
      Object.entries(weights).map(([name, weight]) => [WEIGHT + name, { data: Float32Array.of(weight), shape: [] }]),
    ),
  };
}

/** Hands over to another engine when a batch comes that cannot be compiled for. */
function withFallback(engine: CompiledEngine, instead: (error: unknown) => Promise<Engine>): Engine {
  let other: Engine | undefined;

  async function prepare(input: EngineStep): Promise<() => Promise<EngineResult>> {
    try {
      return await engine.prepare(input);
    } catch (error) {
      if (KdError.isInstance(error) && error.code !== 'UNSUPPORTED') throw error; // would be wrong on any engine
      await engine.sync();
      const next = await instead(error);
      await engine.dispose();
      other = next;
      return () => next.step(input);
    }
  }

  return {
    get name() {
      return (other ?? engine).name;
    },
    step: async (input) => (other ? other.step(input) : (await prepare(input))()),
    get moveAverages() {
      return (other ?? engine).moveAverages;
    },
    sync: async () => (other ?? engine).sync?.(),
    get logits() {
      return (other ?? engine).logits;
    },
    dispose: async () => (other ?? engine).dispose?.(),
  };
}
