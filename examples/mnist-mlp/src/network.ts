import type { DataLoader } from '@kd/core';
import { mlp } from '@kd/models';
import {
  adam,
  cachedTeacher,
  constantSchedule,
  distillation,
  linearSchedule,
  modelTeacher,
  type Objective,
  type Optimizer,
  plateauSchedule,
  type Schedule,
  sgd,
} from '@kd/train';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Config, NetworkConfig } from './config.ts';
import type { Data } from './data.ts';
import type { Logits } from './engine.ts';

/** A new network of the recipe. */
export function createNetwork(network: NetworkConfig, { classNames, train }: Data, seed: number): LayersModel {
  const { hiddenSizes, batchNorm, dropout, maxNorm, initializer } = network;
  return mlp({
    inputShape: train.imageShape,
    hiddenSizes,
    classNames,
    batchNorm,
    dropout,
    initializer,
    seed,
    ...(maxNorm > 0 ? { maxNorm } : {}),
  });
}

export function createSchedule({ schedule }: NetworkConfig): Schedule {
  switch (schedule) {
    case 'constant':
      return constantSchedule();
    case 'linear':
      return linearSchedule();
    case 'plateau':
      return plateauSchedule({ factor: 0.1, patience: 10 });
  }
}

export function createOptimizer({ optimizer, momentum }: Config): Optimizer {
  return optimizer === 'adam' ? adam() : sgd({ momentum });
}

/** Learn from the teacher as the run's config says. @param logits answers for it, if something faster can */
export function distillFrom(
  model: LayersModel,
  config: Config,
  { classNames }: DataLoader,
  logits?: Logits,
): Objective {
  const { temperature, softWeight, hardWeight, reduction, scaleByTemperatureSquared, teacherMode } = config;
  const asked = { ...modelTeacher(model, { mode: teacherMode, classNames }), ...(logits ? { logits } : {}) };
  // In training mode it answers differently each time, so there is nothing to remember.
  const teacher = asked.deterministic ? cachedTeacher(asked) : asked;
  return distillation({ teacher, temperature, softWeight, hardWeight, reduction, scaleByTemperatureSquared });
}
