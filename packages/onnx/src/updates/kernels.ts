/** The place of a run of values in the memory, in bytes: a multiple of 16. */
export type Address = number;

interface SgdParameters {
  /** What every gradient is multiplied by first: clipping, or the mean over accumulated batches. */
  scale: number;
  rate: number;
  decay: number;
}

interface MomentumParameters extends SgdParameters {
  momentum: number;
  nesterov: boolean;
}

interface AdamParameters {
  scale: number;
  beta1: number;
  beta2: number;
  /** `sqrt(1 - beta2^step)` */
  root: number;
  epsilon: number;
  /** `learningRate / (1 - beta1^step)` */
  rate: number;
  /** `1 - learningRate * weightDecay` */
  keep: number;
}

/**
 * The arithmetic of updates, in place on float32 values of one memory. `count` is a multiple of 4, >= 4.
 */
export interface UpdateKernels {
  sgd(value: Address, gradient: Address, count: number, parameters: SgdParameters): void;
  momentum(value: Address, gradient: Address, velocity: Address, count: number, parameters: MomentumParameters): void;
  adam(
    value: Address,
    gradient: Address,
    firstMoment: Address,
    secondMoment: Address,
    count: number,
    parameters: AdamParameters,
  ): void;
  /**
   * `average += (1 - decay) (value - average)`: in this order the shares of the two make 1 in float32 too, and the average
   * of equal values, such as frozen ones, keeps its bits.
   */
  ema(average: Address, value: Address, count: number, decay: number): void;
  /** `sum += gradient` */
  accumulate(sum: Address, gradient: Address, count: number): void;
  /** In doubles. */
  sumOfSquares(gradient: Address, count: number): number;
}
