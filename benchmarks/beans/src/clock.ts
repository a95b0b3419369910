import type { Callback, StepEngineFactory } from '@kd/train';
import type { Epoch } from './turn.ts';

/** Watches a run of `distill`. */
export interface Clock {
  /** The engine, timed. */
  engine: StepEngineFactory;
  callback: Callback;
  /** Those that are done. */
  epochs: Epoch[];
  /** When the first one began and when the last one's checkpoint was written. */
  began: number;
  ended: number;
}

export const now = (): number => performance.now() / 1000;

/** @param sizes images of an epoch, and of an evaluation */
export function startClock(engine: StepEngineFactory, sizes: { train: number; validation: number }): Clock {
  const spent = { step: 0, teacher: 0 }; // in this epoch
  const timed =
    <Arguments extends unknown[], Result>(what: keyof typeof spent, work: (...args: Arguments) => Promise<Result>) =>
    async (...args: Arguments): Promise<Result> => {
      const start = now();
      const result = await work(...args);
      spent[what] += now() - start;
      return result;
    };
  const create: StepEngineFactory = async (run) => {
    const made = await engine(run);
    return { ...made, step: timed('step', made.step) };
  };
  const { forward } = engine;
  const clock: Clock = {
    engine: Object.assign(
      create,
      forward && {
        forward(model: Parameters<typeof forward>[0]) {
          const ask = forward(model);
          return Object.assign(timed('teacher', ask), ask.release && { release: ask.release });
        },
      },
    ),
    epochs: [],
    began: 0,
    ended: 0,
    callback: {
      onTrainBegin() {
        clock.began = now();
      },
      onEpochEnd({ train_samples_per_second: rate, eval_runtime }) {
        const seconds = sizes.train / rate;
        clock.epochs.push({
          train: { images: sizes.train, seconds },
          ...spent,
          data: seconds - spent.step - spent.teacher,
          evaluation: { images: sizes.validation, seconds: Number(eval_runtime) },
          save: 0,
        });
        Object.assign(spent, { step: 0, teacher: 0 });
        clock.ended = now();
      },
      onSave() {
        const end = clock.ended;
        clock.ended = now();
        clock.epochs.at(-1)!.save = clock.ended - end;
      },
    },
  };
  return clock;
}
