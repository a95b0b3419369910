import { availableParallelism } from 'node:os';
import { KdError } from '@kd/core';
import type * as Ort from 'onnxruntime-node';

/** ONNX Runtime's versions that this package is tested with, by `npm run check:onnxruntime`: from the first, below the second. */
const TESTED: readonly [from: string, below: string] = ['1.27.0', '1.31.0'];

/** The script that it would run on Linux fetches CUDA, which nothing here uses. */
const INSTALL = 'npm install onnxruntime-node@1.30.0 --ignore-scripts';

/** onnxruntime-node, loaded. */
export interface OnnxRuntime {
  ort: typeof Ort;
  version: string;
}

export interface LoadRuntimeOptions {
  /** Imports onnxruntime-node: for one that is somewhere else. @default its import */
  load?: () => Promise<unknown>;
}

let loaded: Promise<OnnxRuntime> | undefined;

/**
 * Loads onnxruntime-node, the first time it is asked for.
 *
 * @throws {KdError} NOT_FOUND if the package is not installed, UNAVAILABLE if it has no binary that loads on this machine,
 *   UNSUPPORTED if its version is not in the tested range
 *
 * @example
 * import { loadOnnxRuntime } from '@kd/onnx/node';
 * const { version } = await loadOnnxRuntime();
 * console.log(version.split('.').length); // 3
 */
export function loadOnnxRuntime({ load }: LoadRuntimeOptions = {}): Promise<OnnxRuntime> {
  if (load) return open(load);
  loaded ??= open(() => import('onnxruntime-node'));
  return loaded;
}

/** Cores that there are for one session. */
export const defaultThreads = (): number => availableParallelism();

async function open(load: () => Promise<unknown>): Promise<OnnxRuntime> {
  const module = await load().catch((cause: NodeJS.ErrnoException) => {
    throw unavailable(cause);
  });
  const found = module as typeof Ort & { default?: typeof Ort };
  const ort = found.InferenceSession ? found : (found.default as typeof Ort);
  const { node: version = 'unknown' } = ort.env.versions;
  if (!isTested(version)) {
    throw new KdError(
      'UNSUPPORTED',
      `loadOnnxRuntime: onnxruntime-node is ${version}, tested are versions >= ${TESTED[0]} and < ${TESTED[1]}; ${INSTALL}`,
      { version, tested: TESTED },
    );
  }
  return { ort, version };
}

function unavailable(cause: NodeJS.ErrnoException): KdError {
  const place = `${process.platform} ${process.arch}`;
  const details = { platform: process.platform, arch: process.arch };
  const isMissing = /MODULE_NOT_FOUND/.test(cause.code ?? '') && /'onnxruntime-node'/.test(cause.message);
  if (isMissing) {
    return new KdError('NOT_FOUND', `loadOnnxRuntime: onnxruntime-node is not installed; ${INSTALL}`, details, {
      cause,
    });
  }
  const [why] = cause.message.split('\n');
  return new KdError(
    'UNAVAILABLE',
    `loadOnnxRuntime: onnxruntime-node has no binary that loads on ${place} with Node ${process.version}: ${why}; ` +
      'it comes for linux and win32 on x64 and arm64, and for darwin on arm64',
    details,
    { cause },
  );
}

function isTested(version: string): boolean {
  const [from, below] = TESTED;
  return compare(version, from) >= 0 && compare(version, below) < 0;
}

/** Of `major.minor.patch`; anything that is no number makes it NaN, which is in no range. */
function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/, 3).map(Number)) as [number[], number[]];
  const place = [0, 1, 2].find((i) => left[i] !== right[i]);
  return place === undefined ? 0 : left[place]! - right[place]!;
}
