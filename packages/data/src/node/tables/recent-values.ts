/** Gives the value of a key: kept, being made, or made now. Who asks for what is being made waits for it. */
export type RecentValues<Value> = (key: string, make: () => Promise<{ value: Value; bytes: number }>) => Promise<Value>;

/**
 * Keeps the values that were used last.
 *
 * @param maxBytes what they may take, by what their makers say; the last one is kept whatever its size
 */
export function recentValues<Value>(maxBytes: number): RecentValues<Value> {
  const kept = new Map<string, { value: Promise<Value>; bytes: number }>(); // the one used last comes last
  let total = 0;
  const drop = (key: string): void => {
    total -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  };
  return (key, make) => {
    const found = kept.get(key);
    if (found) {
      kept.delete(key);
      kept.set(key, found);
      return found.value;
    }
    const entry = { value: undefined as unknown as Promise<Value>, bytes: 0 };
    entry.value = make().then(
      ({ value, bytes }) => {
        entry.bytes = bytes;
        total += bytes;
        for (const [oldest, { bytes: freed }] of kept) {
          if (total <= maxBytes || oldest === key) break;
          if (freed > 0) drop(oldest); // not what is being made: it frees nothing, and would be made twice
        }
        return value;
      },
      (error: unknown) => {
        drop(key); // the next one tries again
        throw error;
      },
    );
    kept.set(key, entry);
    return entry.value;
  };
}
