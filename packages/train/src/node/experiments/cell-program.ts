/** The other side of cell-process.ts: a process that runs one cell and ends. */
import { KdError } from '@kd/core';
import type { Arm } from '../../experiments/arm.ts';
import { describeArms, loadArms } from './arms-module.ts';
import type { FromCell, ToCell } from './messages.ts';
import { runArm } from './run-arm.ts';

const stop = new AbortController();
const abort = (): void => stop.abort(new KdError('ABORTED', 'the experiment was stopped'));

/** Ctrl-C in a terminal reaches this process too: the parent decides, and has the arm write its checkpoint. */
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, abort);
/** The parent is gone: nobody waits for the result. */
process.on('disconnect', () => process.exit(1));

/** Ends only when the message is on its way. */
function answer(message: FromCell): void {
  process.send!(message, () => process.exit());
}

async function handle(message: Exclude<ToCell, { abort: true }>): Promise<FromCell> {
  if ('describe' in message) return { arms: describeArms(await loadArms(message.describe)) };
  const { run: plan, of, caller } = message;
  const loaded = await loadArms(of);
  const arm: Pick<Arm, 'run'> = of.exported === 'run' ? loaded.run! : loaded[plan.arm]!;
  const { seconds, peakMemory, cores } = await runArm(caller, arm.run, plan, stop.signal);
  return { done: { seconds, peakMemory, cores } };
}

process.on('message', (message: ToCell) => {
  if ('abort' in message) {
    abort();
    return;
  }
  void handle(message).then(answer, (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    answer({ failed: { message: text, aborted: stop.signal.aborted } });
  });
});
