import { KdError } from '@kd/core';
import { computedMetrics } from './compute-metrics.ts';
import { makePlan } from './plan.ts';
import { bestOptions } from './run.ts';
import type { TrainOptions } from './train-options.ts';

/** Metrics that `selectBest`, the schedule or a callback cannot do without must be among those of evaluations. */
export function checkMetrics(options: TrainOptions): void {
  const wanted = wantedMetrics(options);
  const there = metricsOf(options, wanted);
  if (there) checkThere(wanted, there);
}

/** The same for an evaluation: what `computeMetrics` computes may not be known before. */
export function checkEvaluation(options: TrainOptions, metrics: Readonly<Record<string, number>>): void {
  checkThere(wantedMetrics(options), Object.keys(metrics));
}

type Wanted = [who: string, metric: string][];

function wantedMetrics(options: TrainOptions): Wanted {
  const { schedule, callbacks = [] } = options;
  const best = bestOptions(options.selectBest);
  return [
    ...(best ? [['selectBest', best.metric] as [string, string]] : []),
    ...(schedule?.needs ?? []).map((metric): [string, string] => [`the schedule '${schedule?.name}'`, metric]),
    ...callbacks.flatMap(({ name, needs = [] }) =>
      needs.map((metric): [string, string] => [`the callback '${name ?? 'without a name'}'`, metric]),
    ),
  ];
}

function checkThere(wanted: Wanted, there: readonly string[]): void {
  const missing = wanted.find(([, metric]) => !there.includes(metric));
  if (!missing) return;
  const [who, metric] = missing;
  throw new KdError(
    'NOT_FOUND',
    there.length === 0
      ? `train: ${who} wants '${metric}', but nothing is evaluated; pass validation, and evalStrategy 'epoch' or 'steps'`
      : `train: ${who} wants '${metric}', an evaluation has ${there.join(', ')}; take one of these, or return it from computeMetrics`,
    { metric, there },
  );
}

/** Names of what an evaluation has; undefined if they cannot be known. */
function metricsOf(options: TrainOptions, wanted: Wanted): string[] | undefined {
  if (makePlan(options, 1).evaluation === 'no') return [];
  const always = ['eval_loss', 'eval_accuracy'];
  const { computeMetrics, train } = options;
  if (!computeMetrics || wanted.every(([, metric]) => always.includes(metric))) return always;
  try {
    return [...new Set([...always, ...Object.keys(computedMetrics(computeMetrics, madeUp(train.classNames.length)))])];
  } catch {
    return undefined; // one that looks up its samples; the first evaluation will tell
  }
}

/** Answers to ask `computeMetrics` about, to learn the names of its metrics: two of each class, one of them wrong. */
function madeUp(classes: number) {
  const labels = Int32Array.from({ length: 2 * classes }, (_, i) => i % classes);
  const logits = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => {
    logits[row * classes + (row < classes ? label : (label + 1) % classes)] = 1;
  });
  return { logits, labels, ids: Array.from(labels.keys()), classes };
}
