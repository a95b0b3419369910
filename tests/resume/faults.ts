import fs, { type PathLike } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import type { KillAt } from './settings.ts';

type Anything = (...given: never[]) => unknown;

const die = (): void => void process.kill(process.pid, 'SIGKILL');

/**
 * Has the process killed, with SIGKILL, in one of the writes to a disk from now on: before it is done, or where content is
 * written, after the first half of it. Files and folders, promises and synchronous calls; reading counts for nothing.
 */
export function killAtWrite({ path, count }: KillAt): void {
  let left = count;
  const paths = new WeakMap<object, unknown>(); // of open files
  const isLast = (where: unknown): boolean => {
    const written = typeof where === 'object' && where !== null ? paths.get(where) : where;
    if (String(written).includes(path)) left -= 1;
    return left === 0;
  };

  const half = (content: unknown): unknown => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    return bytes instanceof Uint8Array ? bytes.subarray(0, bytes.length >> 1) : '';
  };
  const replace = <T extends object>(on: T, name: keyof T & string, by: (original: Anything) => Anything): void => {
    on[name] = by((on[name] as Anything).bind(on)) as never;
  };

  for (const name of ['rename', 'rm', 'mkdir'] as const) {
    replace(fs.promises, name, (original) => (...given) => {
      if (isLast(given[0])) die();
      return original(...given);
    });
  }
  replace(fs.promises, 'writeFile', (original) => (...given) => {
    const [where, content, ...rest] = given as unknown as [PathLike | FileHandle, unknown];
    if (!isLast(where)) return original(...given);
    return Promise.resolve(original(...([where, half(content), ...rest] as never[]))).then(die);
  });
  replace(fs.promises, 'open', (original) => async (...given) => {
    const handle = (await original(...given)) as FileHandle;
    paths.set(handle, given[0]);
    replace(handle, 'sync', (sync) => async () => {
      if (isLast(handle)) die();
      await sync();
    });
    replace(handle, 'write', (write) => async (...content) => {
      if (!isLast(handle)) return write(...content);
      await write(half(content[0]) as never);
      die();
    });
    return handle;
  });
  replace(fs, 'writeSync', (original) => (...given) => {
    if (!isLast(given[0])) return original(...given);
    original(given[0] as never, half(given[1]) as never);
    die();
  });
  syncBuiltinESMExports();
}
