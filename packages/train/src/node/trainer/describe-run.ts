import type { DataLoader } from '@kd/core';
import type { ResolvedArguments } from '../../arguments/training-arguments.ts';
import type { Objective } from '../../objectives/objective.ts';
import { keptOptions, type TrainerOptions } from './options.ts';
import type { PreparedData } from './prepare-data.ts';
import { packageVersions, type RunConfig } from './run-config.ts';
import type { TrainerTask } from './run-trainer.ts';

const TOKEN = /hf_[A-Za-z0-9]{8,}/g;

/** What there is to say. */
export interface Described {
  options: TrainerOptions;
  args: ResolvedArguments;
  objective: Objective;
  prepared: PreparedData;
  engine: string;
  warnings: readonly string[];
}

/** What `config.json` says of a run. */
export async function describeRun(
  { caller, keptNames }: Pick<TrainerTask, 'caller' | 'keptNames'>,
  { options, args, objective: { teacher }, prepared, engine, warnings }: Described,
): Promise<RunConfig> {
  const data: Record<string, string> = {};
  for (const [name, loader] of Object.entries(prepared.loaders) as [string, DataLoader][]) {
    data[name] = await loader.fingerprint();
  }
  const { processor, teacherProcessor } = prepared;
  return {
    format: 1,
    task: caller,
    arguments: args,
    options: {
      ...keptOptions(options, keptNames),
      ...(processor ? { processor: processor.config } : {}),
      ...(teacherProcessor ? { teacherProcessor: teacherProcessor.config } : {}),
    },
    engine,
    data,
    teacher: teacher
      ? {
          fingerprint: teacher.deterministic ? await teacher.fingerprint() : null,
          classNames: teacher.classNames ?? null,
        }
      : null,
    classNames: options.train.classNames,
    warnings,
    versions: packageVersions(),
    command: process.argv.map((word) => word.replaceAll(TOKEN, 'hf_…')),
    startedAt: new Date().toISOString(),
  };
}
