import { median } from '@kd-bench/common';
import { COLUMNS, type ColumnName } from './columns.ts';
import { QUIET, type WatchedTurn } from './take-turn.ts';
import { type Epoch, RECIPE } from './turn.ts';

/** Seconds of the whole recipe, scaled up from turns. */
export interface Estimate {
  once: { start: number; prepared: number; labelled: number; rest: number };
  epoch: { teacher: number; data: number; step: number; evaluation: number; save: number };
  /** Of one epoch. */
  perEpoch: number;
  /** Of 30 epochs, with what is done once. */
  total: number;
  megabytes: number;
  /** Turns that count, those that others disturbed, and the most cores that others took in one that counts. */
  turns: number;
  discarded: number;
  others: number;
}

const sum = (parts: Readonly<Record<string, number>>): number => Object.values(parts).reduce((a, b) => a + b, 0);

/**
 * The middle of all turns, and of all their epochs but the first, scaled to as many images as the recipe has.
 *
 * @param pick which of several times counts
 */
export function estimate(
  name: ColumnName,
  given: readonly WatchedTurn[],
  pick: (values: readonly number[]) => number = median,
): Estimate {
  const quiet = given.filter(({ others }) => others <= QUIET);
  const turns = quiet.length > 0 ? quiet : given; // on a machine that is never quiet, all count
  const epochs = turns.flatMap((turn) => turn.epochs.slice(1));
  const ofTurns = (value: (turn: WatchedTurn) => number): number => pick(turns.map(value));
  const ofTraining = (value: (epoch: Epoch) => number): number =>
    pick(epochs.map((epoch) => (value(epoch) / epoch.train.images) * RECIPE.train));
  const perImage = (part: { images: number; seconds: number } | undefined): number =>
    part ? part.seconds / part.images : 0;
  const once = {
    start: ofTurns(({ start }) => start),
    prepared: ofTurns(({ prepared }) => perImage(prepared) * (RECIPE.train + RECIPE.validation)),
    labelled: ofTurns(({ labelled }) => perImage(labelled) * COLUMNS[name].asked),
    rest: ofTurns(({ rest }) => rest),
  };
  const epoch = {
    teacher: ofTraining(({ teacher }) => teacher),
    data: ofTraining(({ data }) => data),
    step: ofTraining(({ step }) => step),
    evaluation: pick(epochs.map(({ evaluation }) => perImage(evaluation) * RECIPE.validation)),
    save: pick(epochs.map(({ save }) => save)),
  };
  const perEpoch = sum(epoch);
  return {
    once,
    epoch,
    perEpoch,
    total: sum(once) + RECIPE.epochs * perEpoch,
    megabytes: Math.max(...turns.map(({ megabytes }) => megabytes)),
    turns: turns.length,
    discarded: given.length - turns.length,
    others: Math.max(...turns.map(({ others }) => others)),
  };
}
