import type { Address, UpdateKernels } from './kernels.ts';

/** Adam, with AdamW's decoupled decay. */
export interface AdamRule {
  name: 'adam';
  beta1: number;
  beta2: number;
  epsilon: number;
}

/** Stochastic gradient descent in the form of torch.optim.SGD. */
export interface SgdRule {
  name: 'sgd';
  momentum: number;
  nesterov: boolean;
}

/** What a compiled step does with its gradients. The learning rate is an argument of each step. */
export type UpdateRule = AdamRule | SgdRule;

/** What a rule keeps for each value, by the names that checkpoints have. */
export function slotsOf(rule: UpdateRule): string[] {
  if (rule.name === 'adam') return ['m', 'v'];
  return rule.momentum === 0 ? [] : ['momentum'];
}

/** One update of a run of values. */
export interface RuleUpdate {
  kernels: UpdateKernels;
  value: Address;
  gradient: Address;
  /** In the order of `slotsOf`. */
  slots: readonly Address[];
  count: number;
  /** What the gradient is multiplied by first. */
  scale: number;
  learningRate: number;
  weightDecay: number;
  /** Updates of these values so far, this one included: from 1. */
  step: number;
}

/** The numbers are those of `adamUpdate` and `sgdUpdate` of @kd/ops. */
export function applyRule(rule: UpdateRule, update: RuleUpdate): void {
  const { kernels, value, gradient, slots, count, scale, learningRate, weightDecay, step } = update;
  if (rule.name === 'adam') {
    const { beta1, beta2, epsilon } = rule;
    kernels.adam(value, gradient, slots[0]!, slots[1]!, count, {
      scale,
      beta1,
      beta2,
      epsilon,
      root: Math.sqrt(1 - beta2 ** step),
      rate: learningRate / (1 - beta1 ** step),
      keep: 1 - learningRate * weightDecay,
    });
    return;
  }
  const parameters = { scale, rate: learningRate, decay: weightDecay };
  if (rule.momentum === 0) kernels.sgd(value, gradient, count, parameters);
  else kernels.momentum(value, gradient, slots[0]!, count, { ...parameters, ...rule });
}
