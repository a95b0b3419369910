import { rename, rm, stat } from 'node:fs/promises';

const TAKEN = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM']; // what systems say of a place that has something in it
const ATTEMPTS = 10;

/**
 * Moves a folder to its place, unless a whole one is there: of several that are made at once the first one stays, and who
 * reads it does not find it gone. One that is not whole gives way.
 */
export async function putInPlace(made: string, path: string, isWhole: () => Promise<boolean>): Promise<void> {
  const broken = `${made}.broken`;
  const inPlace = (): Promise<number | undefined> =>
    stat(path).then(
      ({ ino }) => ino,
      () => undefined,
    );
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(made, path);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !TAKEN.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
    const judged = await inPlace();
    if (await isWhole()) return;
    if ((await inPlace()) !== judged) continue; // another process has put its own there meanwhile
    await rename(path, broken).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error; // or has taken it away
    });
    await rm(broken, { recursive: true, force: true });
  }
}
