import { epochsDone, type Run } from './run.ts';
import type { LogEntry } from './train-result.ts';

/** Adds an entry to the log and tells the callbacks. */
export async function writeLog(run: Run, values: Readonly<Record<string, number>>): Promise<LogEntry> {
  const entry = { ...values, epoch: epochsDone(run), step: run.step };
  run.logHistory.push(entry);
  await run.tell((callback) => callback.onLog?.(entry));
  return entry;
}

/** Logs the training since the entry before, if there was any. */
export async function logTraining(run: Run): Promise<void> {
  if (run.log.isEmpty()) return;
  const skipped = run.options.onNotFinite === 'skip' ? { skipped_batches: run.skippedBatches } : {};
  await writeLog(run, { ...run.log.take(), ...skipped });
}
