/** Updates of one number of a variable; a variable's numbers do not know of each other. */

/** AdamW's algorithm 2 without a schedule: the weights decay apart from the gradient. */
export function adamReference(
  [value, m, v]: [value: number, m: number, v: number],
  gradient: number,
  attributes: {
    learningRate: number;
    beta1: number;
    beta2: number;
    epsilon: number;
    step: number;
    weightDecay?: number;
  },
): [value: number, m: number, v: number] {
  const { learningRate, beta1, beta2, epsilon, step, weightDecay = 0 } = attributes;
  const first = beta1 * m + (1 - beta1) * gradient;
  const second = beta2 * v + (1 - beta2) * gradient ** 2;
  const change = first / (1 - beta1 ** step) / (Math.sqrt(second / (1 - beta2 ** step)) + epsilon);
  return [value - learningRate * weightDecay * value - learningRate * change, first, second];
}

/** As torch.optim.SGD with dampening 0, the velocity zero at first. */
export function sgdReference(
  [value, velocity]: [value: number, velocity: number],
  gradient: number,
  attributes: { learningRate: number; momentum?: number; nesterov?: boolean; weightDecay?: number },
): [value: number, velocity: number] {
  const { learningRate, momentum = 0, nesterov = false, weightDecay = 0 } = attributes;
  const decayed = gradient + weightDecay * value;
  const moved = momentum * velocity + decayed;
  return [value - learningRate * (nesterov ? decayed + momentum * moved : moved), moved];
}
