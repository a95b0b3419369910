/**
 * A signal that Ctrl-C (or a SIGTERM) aborts: given to `distill`, `fineTune` or `train`, the run ends after the step it is in
 * and writes a checkpoint of it. A second Ctrl-C ends the process at once, as it would without this; the last checkpoint is
 * whole then too.
 *
 * @param onInterrupt told when it happens, to say so
 *
 * @example
 * import { interruptSignal } from '@kd/train/node';
 * const signal = interruptSignal(() => console.log('Stopping after this step …'));
 * console.log(signal.aborted); // false
 */
export function interruptSignal(onInterrupt?: () => void): AbortSignal {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  const interrupt = (): void => {
    for (const name of names) process.off(name, interrupt);
    onInterrupt?.();
    controller.abort();
  };
  for (const name of names) process.on(name, interrupt);
  return controller.signal;
}
