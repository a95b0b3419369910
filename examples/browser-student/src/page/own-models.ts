import { KdError } from '@kd/core';
import type { Folder } from '../networks/folder.ts';

/** What the program that built the page has put beside it. */
export interface Manifest {
  /** Name of the run, with the folder it is in; '' if the page was built without one. */
  run: string;
  /** Paths below `models/`. */
  files: readonly string[];
}

async function ask(path: string): Promise<Response> {
  const url = new URL(`models/${path.split('/').map(encodeURIComponent).join('/')}`, document.baseURI);
  const response = await fetch(url);
  if (response.ok) return response;
  throw new KdError('UNAVAILABLE', `ask: the page's server answers ${response.status} for models/${path}`, { path });
}

/** The networks that the page came with. */
export async function ownModels(): Promise<{ run: string; folder: Folder }> {
  const { run, files } = (await (await ask('models.json')).json()) as Manifest;
  return { run, folder: new Map(files.map((path) => [path, async () => (await ask(path)).blob()])) };
}
