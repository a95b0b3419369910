import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FakeRepo, HubServer } from './hub-server.ts';

/** The part of the fake Hub that concerns writing. */
export interface Uploads {
  user: string;
  /** What the token may do with each repository that is there, and with `user` for making new ones. @default write */
  role: 'read' | 'write';
  /** Contents of large files, by SHA-256. */
  store: Map<string, Uint8Array>;
  /** Sizes of the pieces that have arrived, in order. */
  pieces: number[];
  /** Bytes of a piece after which the store cuts the connection, for its next pieces. */
  cuts: number[];
  /** What the Hub or its store answers to the next requests that write, instead of doing it; 0 does it. */
  refusals: number[];
  /** Summaries of the commits, oldest first. */
  commits: { repo: string; branch: string; summary: string; oid: string }[];
}

export const startUploads = (): Uploads => ({
  user: 'someone',
  role: 'write',
  store: new Map(),
  pieces: [],
  cuts: [],
  refusals: [],
  commits: [],
});

const PIECE = 100_000;
const LARGE = 1000; // bytes; as hub-server.ts has it

async function bodyOf(request: IncomingMessage, most = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= most) break;
  }
  return Buffer.concat(chunks);
}

interface LfsObject {
  oid: string;
  size: number;
}

/** Answers what the Hub and its store are asked when something is uploaded. */
export async function answerUpload(
  hub: HubServer,
  cdnUrl: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { uploads } = hub;
  const url = new URL(request.url!, hub.url);
  const json = (value: unknown, status = 200): void => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
  };
  const isStore = url.pathname.startsWith('/upload/');
  if (!isStore && request.headers.authorization !== `Bearer ${hub.token}`) {
    return json({ error: 'Invalid username or password.' }, 401);
  }
  const refusal = url.pathname === '/api/whoami-v2' ? 0 : uploads.refusals.shift();
  if (refusal) return json({ error: 'not now' }, refusal);

  if (isStore && request.method === 'PUT') {
    const cut = uploads.cuts.shift();
    const bytes = await bodyOf(request, cut);
    if (cut !== undefined) return void response.destroy();
    uploads.pieces.push(bytes.length);
    const [, , oid, part] = url.pathname.split('/');
    uploads.store.set(part ? `${oid}/${part}` : oid!, bytes);
    return void response.writeHead(200, { ETag: `"${createHash('md5').update(bytes).digest('hex')}"` }).end();
  }

  const body = await bodyOf(request);
  if (isStore) return json(complete(uploads, JSON.parse(body.toString())));
  if (url.pathname === '/api/whoami-v2') {
    return json({
      type: 'user',
      name: uploads.user,
      orgs: [],
      auth: { type: 'access_token', accessToken: { role: uploads.role } },
    });
  }
  if (url.pathname === '/api/repos/create') {
    const { name, organization } = JSON.parse(body.toString());
    const id = `${organization ?? uploads.user}/${name}`;
    if (uploads.role === 'read') return json({ error: `You don't have the rights to create a model under ${id}` }, 403);
    if (hub.repos[id]) return json({ error: 'You already created this model repo', url: `${hub.url}/${id}` }, 409);
    hub.repos[id] = { refs: { main: '0'.repeat(40) }, files: { ['0'.repeat(40)]: {} } };
    return json({ url: `${hub.url}/${id}`, id, name: id });
  }

  const [, name, action, revision] =
    /^\/api\/(?:models|datasets)\/([^/]+\/[^/]+)\/(preupload|commit)\/(.+)$/.exec(url.pathname) ??
    /^\/(?:datasets\/)?([^/]+\/[^/]+)\.git\/info\/lfs\/objects\/(batch)$/.exec(url.pathname) ??
    [];
  const repo = hub.repos[name ?? ''];
  if (!repo) return json({ error: 'Repository not found' }, 404);
  if (uploads.role === 'read') return json({ error: 'Forbidden' }, 403);
  if (action === 'preupload') {
    const { files } = JSON.parse(body.toString()) as { files: { path: string; size: number }[] };
    const modeOf = (size: number): string => (size >= LARGE ? 'lfs' : 'regular');
    return json({ files: files.map(({ path, size }) => ({ path, uploadMode: modeOf(size), shouldIgnore: false })) });
  }
  if (action === 'batch') {
    const { objects } = JSON.parse(body.toString()) as { objects: LfsObject[] };
    const described = objects.map((object) => describe(uploads, cdnUrl, object));
    response.setHeader('Content-Type', 'application/vnd.git-lfs+json');
    return void response.end(JSON.stringify({ transfer: 'multipart', objects: described }));
  }
  const lines = body.toString().trim().split('\n');
  const committed = commit(
    uploads,
    repo,
    decodeURIComponent(revision!),
    lines.map((line) => JSON.parse(line)),
  );
  uploads.commits.push({ repo: name!, branch: decodeURIComponent(revision!), ...committed });
  json({
    success: true,
    commitOid: committed.oid,
    commitUrl: `${hub.url}/${name}/commit/${committed.oid}`,
    hookOutput: '',
  });
}

/** Where a large file is to be sent, if it is not there: as a whole, or in pieces. */
function describe({ store }: Uploads, cdnUrl: string, { oid, size }: LfsObject): Record<string, unknown> {
  if (store.has(oid)) return { oid, size };
  const href = `${cdnUrl}/upload/${oid}`;
  if (size <= PIECE) return { oid, size, actions: { upload: { href } } };
  const parts = Array.from({ length: Math.ceil(size / PIECE) }, (_, i) => String(i + 1).padStart(5, '0'));
  const header = Object.fromEntries(parts.map((part) => [part, `${href}/${part}`]));
  return { oid, size, actions: { upload: { href, header: { chunk_size: String(PIECE), ...header } } } };
}

/** Puts the pieces of a large file together. */
function complete(
  { store }: Uploads,
  { oid, parts }: { oid: string; parts: { partNumber: number; etag: string }[] },
): object {
  const pieces = parts.map(({ partNumber }) => store.get(`${oid}/${String(partNumber).padStart(5, '0')}`)!);
  store.set(oid, Buffer.concat(pieces));
  return { success: true };
}

interface CommitLine {
  key: string;
  value: { summary: string; path: string; content: string; oid: string };
}

/** Refuses nothing but large files that have not arrived, or not whole. */
function commit(
  { store }: Uploads,
  repo: FakeRepo,
  branch: string,
  lines: CommitLine[],
): { oid: string; summary: string } {
  const files = { ...repo.files[repo.refs[branch]!] };
  for (const { key, value } of lines) {
    if (key === 'file') files[value.path] = Uint8Array.from(Buffer.from(value.content, 'base64'));
    if (key !== 'lfsFile') continue;
    const content = store.get(value.oid);
    if (!content || createHash('sha256').update(content).digest('hex') !== value.oid)
      throw new Error(`no ${value.oid}`);
    files[value.path] = Uint8Array.from(content);
  }
  const oid = createHash('sha1').update(JSON.stringify(lines)).update(String(Math.random())).digest('hex');
  repo.files[oid] = files;
  repo.refs[branch] = oid;
  return { oid, summary: lines.find(({ key }) => key === 'header')!.value.summary };
}
