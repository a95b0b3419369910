import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { KdError } from '@kd/core';
import { writeFileAtomic } from '@kd/core/node';
import { resolveArguments } from '../../arguments/resolve-arguments.ts';
import type { ResolvedArguments } from '../../arguments/training-arguments.ts';

const NAME = 'config.json';

/** What `config.json` of a run's folder holds: enough to start it again, and to know what it was. */
export interface RunConfig {
  format: 1;
  /** The function that ran. */
  task: string;
  arguments: ResolvedArguments;
  /** What else it was given, as far as it is JSON: temperature, lambda … */
  options: Readonly<Record<string, unknown>>;
  /** Of the engine, with the backend. */
  engine: string;
  /** Fingerprints of the loaders: data, preparation, order. */
  data: Readonly<Record<string, string>>;
  teacher: { fingerprint: string | null; classNames: readonly string[] | null } | null;
  classNames: readonly string[];
  warnings: readonly string[];
  /** Of packages, by name, and of Node.js. */
  versions: Readonly<Record<string, string>>;
  /** The command line. */
  command: readonly string[];
  startedAt: string;
}

/** What may be given to `distill` or `fineTune` again, with teacher, student and data. */
export type RunSettings = Omit<
  ResolvedArguments,
  'metricForBestModel' | 'resumeFromCheckpoint' | 'dataCollator' | 'loggingDir' | 'runName'
> & {
  // biome-ignore lint/suspicious/noExplicitAny: a file cannot say what computeMetrics will compute, or what a function was
  [option: string]: any;
};

const require = createRequire(import.meta.url);

/** Versions of the packages that are installed of those that have a part in a run. */
export function packageVersions(): Record<string, string> {
  const names = [
    '@kd/train',
    '@kd/core',
    '@kd/losses',
    '@kd/metrics',
    '@kd/ops',
    '@kd/models',
    '@kd/data',
    '@kd/backend',
  ];
  const others = ['@kd/onnx', '@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', 'onnxruntime-node'];
  const versions = [...names, ...others].flatMap((name) => {
    try {
      return [[name, (require(`${name}/package.json`) as { version: string }).version]];
    } catch {
      return []; // not installed, or without its package.json among its exports
    }
  });
  return { ...Object.fromEntries(versions), node: process.version };
}

/** Writes it whole or not at all. */
export async function writeRunConfig(folder: string, config: RunConfig): Promise<void> {
  await writeFileAtomic(join(folder, NAME), `${JSON.stringify(config, null, 2)}\n`);
}

/**
 * The settings of a run, from the `config.json` that `distill` or `fineTune` wrote at its start: spread into a call, they
 * start it again, and the same data and weights give the same bits. It does not resume unless told so.
 *
 * What is a function cannot be read back: `augment`, `dataCollator`, `computeMetrics`, an optimiser of one's own have to be
 * passed again, and a call that lacks one says so.
 *
 * @throws {KdError} NOT_FOUND if the folder has none; INVALID_DATA if it is not such a file
 *
 * @example
 * import { readRunConfig } from '@kd/train/node';
 * await readRunConfig('runs/none').catch(({ code }) => console.log(code)); // NOT_FOUND
 */
export async function readRunConfig(folder: string): Promise<RunSettings> {
  const path = join(folder, NAME);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
    throw new KdError(
      'NOT_FOUND',
      `readRunConfig: there is no ${path}; give the outputDir of a run`,
      { path },
      { cause },
    );
  });
  let config: Partial<RunConfig>;
  try {
    config = JSON.parse(text) as Partial<RunConfig>;
  } catch (cause) {
    throw new KdError('INVALID_DATA', `readRunConfig: ${path} is not JSON`, { path }, { cause });
  }
  if (config.format !== 1 || !config.arguments) {
    const what = config.format === undefined ? 'is not that of a run' : `has format ${config.format}, this reads 1`;
    throw new KdError('INVALID_DATA', `readRunConfig: ${path} ${what}`, { path });
  }
  const { resumeFromCheckpoint: _, loggingDir, runName, ...args } = config.arguments;
  // What followed from outputDir then follows from it now, which may be another one.
  const derived = resolveArguments({ outputDir: args.outputDir });
  return {
    ...args,
    ...(loggingDir === derived.loggingDir ? {} : { loggingDir }),
    ...(runName === derived.runName ? {} : { runName }),
    ...config.options,
  };
}
