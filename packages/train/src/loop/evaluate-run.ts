import { whileEvaluated } from '../ema/ema.ts';
import { readWeights, writeWeights } from '../model-weights.ts';
import { checkEvaluation } from './check-metrics.ts';
import { type EvaluateResult, evaluate } from './evaluate.ts';
import { writeLog } from './log.ts';
import { epochsDone, type Run, syncEngine } from './run.ts';
import { trainedVariables } from './trained-variables.ts';

/** Validates, logs it, keeps the best weights, tells schedule and callbacks. */
export async function evaluateRun(run: Run): Promise<void> {
  await syncEngine(run);
  const { metrics, isBest } = await whileEvaluated(run.ema, async () => {
    const metrics = await validate(run);
    checkEvaluation(run.options, metrics);
    return { metrics, isBest: await keepBest(run, metrics) };
  });
  const entry = await writeLog(run, metrics);
  const dropped = run.schedule.onEvaluate?.(entry) ?? false;
  const bestReloaded = dropped && run.best !== null && run.selectBest?.reloadOnDrop === true;
  if (bestReloaded) {
    writeWeights(trainedVariables(run.options), run.bestWeights);
    run.ema?.restore(run.bestWeights);
  }
  const { step } = run;
  run.evaluation = { step, metrics, isBest, bestReloaded };
  const info = { epoch: epochsDone(run), step, isBest, bestReloaded };
  await run.tell((callback) => callback.onEvaluate?.(metrics, info, run.control));
}

async function validate(run: Run): Promise<EvaluateResult & Record<`eval_${string}`, number>> {
  const { model, validation, evaluationMode = 'inference', computeMetrics } = run.options;
  const { engine } = run;
  return evaluate<string>(model, validation!, {
    mode: evaluationMode,
    seed: run.seed + run.epoch, // another dropout mask each time, in the mode that has one
    ...(evaluationMode === 'inference' && engine.logits ? { logits: engine.logits } : {}),
    ...(computeMetrics ? { computeMetrics } : {}),
    onProgress: (done, total) => run.tell((callback) => callback.onEvaluateProgress?.(done, total)),
    onPredictions: (predictions) => run.tell((callback) => callback.onPredictions?.(predictions)),
  });
}

/** Remembers the weights if they are strictly better than any before: of equals the first stays. */
async function keepBest(run: Run, metrics: Record<string, number>): Promise<boolean> {
  if (!run.selectBest) return false;
  const { metric, mode } = run.selectBest;
  const value = metrics[metric]!;
  if (Number.isNaN(value)) return false;
  if (run.best && !(mode === 'min' ? value < run.best.value : value > run.best.value)) return false;
  run.best = { epoch: epochsDone(run), step: run.step, metric, value };
  run.bestWeights = await readWeights(trainedVariables(run.options));
  return true;
}
