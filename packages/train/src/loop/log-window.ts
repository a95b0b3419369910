import type { StepInfo } from '../callbacks/callback.ts';

/** What happened since the last entry of the log, and over the whole run; plain numbers, for checkpoints. */
export interface LogWindow {
  /** Adds a step. Those that were skipped have no loss and count for nothing here. */
  add(step: Pick<StepInfo, 'loss' | 'parts' | 'learningRate' | 'gradNorm' | 'skipped'>): void;
  /** `loss`, parts of the loss, `grad_norm` and `learning_rate` as the log has them; the next entry begins here. */
  take(): Record<string, number>;
  /** Whether a step has been added since `take`. */
  isEmpty(): boolean;
  /** Mean loss of all steps so far. */
  trainLoss(): number;
  state(): LogWindowState;
}

export interface LogWindowState {
  /** Sums over the steps since the last entry, by name. */
  sums: Record<string, number>;
  /** Steps since then, skipped ones included. */
  steps: number;
  /** Steps with a loss since then. */
  counted: number;
  /** Of the last step. */
  learningRate: number;
  gradNorm: number | null;
  /** Sum of the losses of all steps before, and their number. */
  totalLoss: number;
  totalSteps: number;
}

export function createLogWindow(initial?: LogWindowState): LogWindow {
  const nothing = { sums: {}, steps: 0, counted: 0, learningRate: 0, gradNorm: null, totalLoss: 0, totalSteps: 0 };
  const now: LogWindowState = structuredClone(initial ?? nothing);
  return {
    add({ loss, parts, learningRate, gradNorm, skipped }) {
      now.steps += 1;
      now.learningRate = learningRate;
      now.gradNorm = gradNorm ?? null;
      if (skipped) return;
      now.counted += 1;
      for (const [name, value] of Object.entries({ loss, ...parts })) now.sums[name] = (now.sums[name] ?? 0) + value;
    },
    take() {
      const { sums, counted, gradNorm, learningRate } = now;
      const { loss, ...parts } = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / counted]));
      now.totalLoss += sums.loss ?? 0;
      now.totalSteps += counted;
      Object.assign(now, { sums: {}, steps: 0, counted: 0 });
      return {
        ...(loss === undefined ? {} : { loss }),
        // JSON has no NaN: that of a skipped step is left out.
        ...(gradNorm !== null && Number.isFinite(gradNorm) ? { grad_norm: gradNorm } : {}),
        learning_rate: learningRate,
        ...parts,
      };
    },
    isEmpty: () => now.steps === 0,
    trainLoss: () => (now.totalLoss + (now.sums.loss ?? 0)) / Math.max(1, now.totalSteps + now.counted),
    state: () => structuredClone(now),
  };
}
