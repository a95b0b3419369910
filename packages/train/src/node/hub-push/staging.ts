import { constants } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A copy of what is to be uploaded, so that training may go on and replace it. */
export interface Staging {
  folder: string;
  remove(): Promise<void>;
}

/** Has `write` fill a folder of its own. */
export async function stage(write: (folder: string) => Promise<unknown>): Promise<Staging> {
  const folder = await mkdtemp(join(tmpdir(), 'kd-push-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await write(folder);
    return { folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Copies a folder; where the file system can, without copying bytes. */
export const copyFolder = (from: string, to: string): Promise<void> =>
  cp(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE });
