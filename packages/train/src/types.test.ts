import { computeMetrics } from '@kd/metrics';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type Callback,
  type EvalMetric,
  earlyStopping,
  evaluate,
  plateauSchedule,
  type TrainOptions,
  train,
} from './index.ts';

// Nothing here runs: the compiler is what is tested, by `npm run typecheck`.
declare const options: Pick<TrainOptions, 'model' | 'objective' | 'train' | 'validation'> & { epochs: number };
declare const { model, validation }: Required<Pick<TrainOptions, 'model' | 'validation'>>;

const compute = () => ({ f1: 0.5, top5: 0.9 });

describe('types of train()', () => {
  it('know the metrics that are computed', () => {
    const calls = () => [
      train({ ...options, selectBest: { metric: 'eval_accuracy' } }),
      train({ ...options, computeMetrics: compute, selectBest: { metric: 'eval_f1', mode: 'max' } }),
      train({ ...options, computeMetrics, selectBest: { metric: 'eval_f1', mode: 'max' } }), // that of @kd/metrics
      train({ ...options, computeMetrics: compute, callbacks: [earlyStopping({ metric: 'eval_top5', mode: 'max' })] }),
      train({ ...options, computeMetrics: compute, schedule: plateauSchedule({ metric: 'eval_f1', mode: 'max' }) }),
      // @ts-expect-error: it computes others
      train({ ...options, computeMetrics: compute, selectBest: { metric: 'eval_recall' } }),
      train({
        ...options,
        computeMetrics: ({ labels }) => ({ count: labels.length }),
        selectBest: { metric: 'eval_count', mode: 'max' },
      }),
      train({
        ...options,
        computeMetrics: ({ labels }) => ({ count: labels.length }),
        // @ts-expect-error: it computes others, where what it is given has its type from here
        selectBest: { metric: 'eval_recall' },
      }),
      // @ts-expect-error: names are those of the log
      train({ ...options, computeMetrics: compute, selectBest: { metric: 'f1' } }),
      // @ts-expect-error: no metric of an evaluation
      train({ ...options, selectBest: { metric: 'train_loss' } }),
      // @ts-expect-error: it computes others
      train({ ...options, computeMetrics: compute, schedule: plateauSchedule({ metric: 'eval_recall' }) }),
      // @ts-expect-error: not a number
      train({ ...options, computeMetrics: () => ({ f1: '0.5' }) }),
    ];
    expectTypeOf(calls).returns.items.resolves.toHaveProperty('logHistory');
    expectTypeOf<EvalMetric<'f1' | 'eval_top5'>>().toEqualTypeOf<
      'eval_loss' | 'eval_accuracy' | 'eval_f1' | 'eval_top5'
    >();
  });

  it('know the names of arguments', () => {
    const calls = () => [
      train({
        ...options,
        maxSteps: 100,
        evalStrategy: 'steps',
        evalSteps: 10,
        saveStrategy: 'best',
        selectBest: true,
      }),
      // @ts-expect-error: evalSteps
      train({ ...options, evaluationSteps: 10 }),
      // @ts-expect-error: evalStrategy has no 'best'
      train({ ...options, evalStrategy: 'best' }),
      // @ts-expect-error: 'stop' or 'skip'
      train({ ...options, onNotFinite: 'ignore' }),
    ];
    expectTypeOf(calls).toBeFunction();
  });

  it('let options and callbacks be put together elsewhere; the run looks at them when it starts', () => {
    const callbacks: Callback[] = [earlyStopping({ metric: 'eval_f1' })];
    const gathered = (): TrainOptions => ({ ...options, callbacks, selectBest: { metric: 'eval_anything' } });
    const calls = () => [train({ ...options, callbacks }), train(gathered())];
    expectTypeOf(calls).toBeFunction();
  });

  it('give evaluate() the metrics that are computed', () => {
    const plain = () => evaluate(model, validation);
    const more = () => evaluate(model, validation, { computeMetrics: compute });
    expectTypeOf(plain).returns.resolves.toHaveProperty('eval_accuracy');
    expectTypeOf(plain).returns.resolves.not.toHaveProperty('eval_f1');
    expectTypeOf(more).returns.resolves.toHaveProperty('eval_f1').toEqualTypeOf<number>();
  });
});
