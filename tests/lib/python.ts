import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder of `tests/` with Python scripts, and with the `requirements.txt` that they take. */
export type PythonTests = 'onnx' | 'tensorboard' | 'transformers';

const at = (tests: PythonTests, name: string): string => fileURLToPath(new URL(`../${tests}/${name}`, import.meta.url));

/** Runs a program to its end; what it complains of goes where ours goes. @returns what it says, if that is wanted */
async function run(command: string, args: readonly string[], stdout: 'inherit' | 'pipe'): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', stdout, 'inherit'] });
  const said: Buffer[] = [];
  child.stdout?.on('data', (part: Buffer) => said.push(part));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code}`);
  return Buffer.concat(said).toString('utf8');
}

/** Python with what `requirements.txt` names: `KD_PYTHON`, else an environment that is made once in the user's cache. */
async function findPython(tests: PythonTests): Promise<string> {
  if (process.env.KD_PYTHON) return process.env.KD_PYTHON;
  const requirements = at(tests, 'requirements.txt');
  const version = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 8);
  const cache = process.env.KD_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kd');
  const folder = join(cache, 'python', `${tests}-${version}`);
  const python = join(folder, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));
  const done = join(folder, 'installed');
  if (existsSync(done)) return python;
  console.log(`Making a Python environment in ${folder}, once. KD_PYTHON names another Python.`);
  await run('python3', ['-m', 'venv', '--clear', folder], 'inherit');
  await run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements], 'inherit');
  await run(python, ['-c', `open(${JSON.stringify(done)}, 'w').close()`], 'inherit');
  return python;
}

/** Runs a script of that folder, which prints for the user. */
export async function runPython(tests: PythonTests, script: string, ...args: readonly string[]): Promise<void> {
  await run(await findPython(tests), [at(tests, script), ...args], 'inherit');
}

/** Runs a script of that folder. @returns what it prints */
export async function readPython(tests: PythonTests, script: string, ...args: readonly string[]): Promise<string> {
  return run(await findPython(tests), [at(tests, script), ...args], 'pipe');
}
