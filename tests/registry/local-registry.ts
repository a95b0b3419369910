import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import core from '../../packages/core/package.json' with { type: 'json' };
import { strangersEnv } from '../lib/stranger.ts';

const verdaccio = fileURLToPath(new URL('../node_modules/verdaccio/bin/verdaccio', import.meta.url));

/** A registry on this machine that has the packages of our scope, and nothing else. */
export interface LocalRegistry {
  url: string;
  /** The environment in which npm, pnpm and changesets ask it for our scope, and their own registry for all else. */
  env: NodeJS.ProcessEnv;
  /** Versions that were published, oldest first; none for a package that it does not know. */
  versions(name: string): Promise<string[]>;
  /** The version behind each tag: `latest` and others. */
  tags(name: string): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  await new Promise((done) => server.close(done));
  return (address as { port: number }).port;
}

async function answering(url: string, server: ChildProcess, output: () => string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (server.exitCode !== null) break;
    const answer = await fetch(`${url}/-/ping`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  server.kill();
  throw new Error(`verdaccio does not answer: ${output()}`);
}

async function token(url: string): Promise<string> {
  const response = await fetch(`${url}/-/user/org.couchdb.user:tester`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'tester', password: 'of the test' }),
  });
  return ((await response.json()) as { token: string }).token;
}

/** Of the packages here, which may have been renamed. */
const SCOPE = core.name.split('/')[0]!;

/** What npm has been told about other registries stays true; nobody's token is needed, so none is taken along. */
function ownSettings(): string {
  const path = process.env.npm_config_userconfig ?? join(homedir(), '.npmrc');
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return `${lines.filter((line) => !/_auth|_password/.test(line)).join('\n')}\n`;
  } catch {
    return '';
  }
}

interface Packument {
  versions: Record<string, unknown>;
  'dist-tags': Record<string, string>;
}

/** What it knows of a package. */
async function known(url: string, name: string): Promise<Packument> {
  const response = await fetch(`${url}/${name.replace('/', '%2f')}`);
  if (response.status === 404) return { versions: {}, 'dist-tags': {} };
  return (await response.json()) as Packument;
}

/** @param folder for its files */
export async function startRegistry(folder: string): Promise<LocalRegistry> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, 'config.json'); // JSON is YAML
  const settings = {
    storage: join(folder, 'storage'),
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    packages: { [`${SCOPE}/*`]: { access: '$all', publish: '$authenticated' } },
    log: { type: 'stdout', format: 'json', level: 'warn' },
    web: { enable: false },
  };
  writeFileSync(config, JSON.stringify(settings));
  const server = spawn(process.execPath, [verdaccio, '--config', config, '--listen', `127.0.0.1:${port}`], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (data) => {
      output += data;
    });
  }
  await answering(url, server, () => output);
  const userconfig = join(folder, 'npmrc');
  const lines = [`${SCOPE}:registry=${url}`, `//127.0.0.1:${port}/:_authToken=${await token(url)}`];
  writeFileSync(userconfig, `${ownSettings()}${lines.join('\n')}\n`);
  return {
    url,
    env: { ...strangersEnv, npm_config_userconfig: userconfig, [`npm_config_${SCOPE}:registry`]: url },
    versions: async (name) => Object.keys((await known(url, name)).versions),
    tags: async (name) => (await known(url, name))['dist-tags'],
    async stop() {
      const ended = new Promise((done) => server.once('exit', done));
      server.kill('SIGKILL'); // nothing of it is kept, and a busy machine's verdaccio may take minutes to close
      await ended;
    },
  };
}
