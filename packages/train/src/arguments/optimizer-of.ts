import { adamW } from '../optimizers/adam.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { NO_WEIGHT_DECAY } from '../optimizers/parameter-groups.ts';
import { sgd } from '../optimizers/sgd.ts';
import type { ResolvedArguments } from './training-arguments.ts';

/**
 * The optimiser that `optim` names, with the variables that Hugging Face's Trainer does not decay left out of the decay.
 *
 * Reference: Trainer.create_optimizer of transformers 4.57.
 */
export function optimizerOf({ optim, weightDecay, adamBeta1, adamBeta2, adamEpsilon }: ResolvedArguments): Optimizer {
  const decay = { weightDecay, groups: [NO_WEIGHT_DECAY] };
  if (optim === 'sgd') return sgd(decay);
  return adamW({ ...decay, beta1: adamBeta1, beta2: adamBeta2, epsilon: adamEpsilon });
}
