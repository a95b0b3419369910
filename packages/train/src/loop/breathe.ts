const INTERVAL = 50; // ms: short enough for Ctrl-C and a progress bar, long enough to cost nothing

/**
 * Steps on a synchronous backend never leave the event loop a turn: signals, timers and terminals would wait for the
 * epoch's end. Awaiting this gives them one now and then.
 */
export function createBreather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < INTERVAL) return;
    await new Promise((resolve) => setTimeout(resolve));
    last = performance.now();
  };
}
