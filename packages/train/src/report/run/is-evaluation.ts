import type { LogEntry } from '../../loop/train-result.ts';

/** Entries of a log that are about validation; others are about training, the last sums up the run. */
export const isEvaluation = (entry: LogEntry): boolean => 'eval_loss' in entry || 'eval_accuracy' in entry;
