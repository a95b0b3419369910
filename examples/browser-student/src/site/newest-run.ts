import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const RUNS = 'runs/mnist-mlp';

/** The run of the MNIST example that ended last, of those that it has left below the folder where it was started. */
export async function newestRun(cwd: string): Promise<string | undefined> {
  const names = await readdir(join(cwd, RUNS)).catch(() => []);
  const found: { folder: string; time: number }[] = [];
  for (const name of names) {
    const folder = join(cwd, RUNS, name);
    const results = await stat(join(folder, 'results.json')).catch(() => undefined); // written at a run's end
    if (results) found.push({ folder, time: results.mtimeMs });
  }
  return found.sort((a, b) => b.time - a.time)[0]?.folder;
}
