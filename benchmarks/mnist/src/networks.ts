import { mlp } from '@kd/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** What is measured. Made once: how long a step takes does not depend on what the weights have become. */
export interface Networks {
  /** Of the case that trains a teacher. */
  teacher: LayersModel;
  /** Answers in distillation; never trained, or its cache would be of another network. */
  taught: LayersModel;
  /** Trained by all other cases in turn. */
  student: LayersModel;
}

/** 784-1200-1200-10 with batch-norm and dropout, and 784-800-800-10 with batch-norm: those of Hinton et al. 2015. */
export function createNetworks(classNames: readonly string[]): Networks {
  const teacher = { hiddenSizes: [1200, 1200], batchNorm: true, dropout: 0.2, classNames };
  return {
    teacher: mlp({ ...teacher, seed: 1 }),
    taught: mlp({ ...teacher, seed: 2 }),
    student: mlp({ hiddenSizes: [800, 800], batchNorm: true, classNames, seed: 3 }),
  };
}
