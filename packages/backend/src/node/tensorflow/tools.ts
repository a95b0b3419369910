import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { backendError } from '../../errors.ts';

const execute = promisify(execFile);

/** Programs that an installation needs, found on this machine. */
export interface Tools {
  compiler: string;
  python: string;
}

async function works(command: string, args: string[]): Promise<boolean> {
  return execute(command, args).then(
    () => true,
    () => false,
  );
}

async function firstThatWorks(candidates: (string | undefined)[], args: string[]): Promise<string | undefined> {
  for (const candidate of candidates) if (candidate && (await works(candidate, args))) return candidate;
  return undefined;
}

/** @throws {KdError} NOT_FOUND that names what is missing, and how to get it */
export async function findTools(env: NodeJS.ProcessEnv = process.env): Promise<Tools> {
  const compiler = await firstThatWorks([env.CXX, 'g++', 'c++', 'clang++'], ['--version']);
  const python = await firstThatWorks([env.PYTHON, 'python3', 'python'], ['-m', 'pip', '--version']);
  const missing = [
    ...(compiler ? [] : ['a C++ compiler (Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++)']),
    ...(python
      ? []
      : [
          'Python with pip, to download with (Debian, Ubuntu: apt install python3-pip; Fedora: dnf install python3-pip)',
        ]),
  ];
  if (!compiler || !python) {
    throw backendError(`install-tensorflow: needs ${missing.join(', and ')}; without it WebAssembly is used`);
  }
  return { compiler, python };
}

export interface RunOptions {
  cwd?: string;
  /** Written to its standard input. */
  input?: string;
  /** Lets it write to the terminal, as for a progress bar. */
  show?: boolean;
  env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end. @returns what it printed @throws {KdError} FAILED with its last lines if it fails */
export async function run(what: string, command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { cwd, input, show = false, env = process.env } = options;
  const child = spawn(command, args, { cwd, env, stdio: ['pipe', show ? 'inherit' : 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.stdin!.on('error', () => {}); // it ended before it had read all; its exit code tells
  child.stdin!.end(input ?? '');
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...ending) => resolve(ending));
  });
  if (code !== 0) {
    const last = `${output}\n${errors}`.trim().split('\n').slice(-20).join('\n');
    throw backendError(`install-tensorflow: ${what} failed (${signal ?? `exit code ${code}`}):\n${last}`, 'FAILED');
  }
  return output;
}
