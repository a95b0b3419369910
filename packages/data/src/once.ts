/** A function that makes its value at the first call and gives the same one ever after; a promise that fails is made anew. */
export function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    if (made) return made;
    const value = make();
    made = value;
    if (value instanceof Promise) {
      value.catch(() => {
        made = undefined;
      });
    }
    return value;
  };
}
