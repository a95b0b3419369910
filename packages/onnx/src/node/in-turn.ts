/** Runs asynchronous calls one after the other: they share arrays. */
export function inTurn(): <T>(call: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (call) => {
    const result = last.then(call);
    last = result.catch(() => {}); // whoever made that call hears of it
    return result;
  };
}
