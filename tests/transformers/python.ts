import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const at = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Runs a program to its end; what it says goes where ours goes. */
async function run(command: string, args: readonly string[]): Promise<void> {
  const code = await new Promise<number | null>((resolve, reject) => {
    spawn(command, args, { stdio: 'inherit' }).on('error', reject).on('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code}`);
}

/** Python with what `requirements.txt` names: `KD_PYTHON`, else an environment that is made once in the user's cache. */
async function findPython(): Promise<string> {
  if (process.env.KD_PYTHON) return process.env.KD_PYTHON;
  const cache = process.env.KD_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kd');
  const folder = join(cache, 'transformers-4.57.6');
  const python = join(folder, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));
  const done = join(folder, 'installed');
  if (existsSync(done)) return python;
  console.log(`Making a Python environment in ${folder}: some gigabytes, once. KD_PYTHON names another Python.`);
  await run('python3', ['-m', 'venv', '--clear', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', at('requirements.txt')]);
  await run(python, ['-c', `open(${JSON.stringify(done)}, 'w').close()`]);
  return python;
}

/** Runs a script that lies beside this file. */
export async function runPython(script: string, ...args: readonly string[]): Promise<void> {
  await run(await findPython(), [at(script), ...args]);
}
