const made = new WeakSet<object>();

/** Notes that `make(object.config)` makes an object that does the same: it may be sent to another thread as its config. Freezes it. */
export function rebuildable<T extends { readonly config: object }>(object: T): T {
  made.add(Object.freeze(object));
  return object;
}

/** Not so for `{ ...object, resize: mine }`, which has the same config. */
export function isRebuildable(object: object): boolean {
  return made.has(object);
}
