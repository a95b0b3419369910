import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerUpload, startUploads, type Uploads } from './uploads.ts';

/** One request, as the test wants to know it. */
interface SeenRequest {
  from: 'hub' | 'cdn';
  method: string;
  url: string;
  authorization: string | undefined;
  range: string | undefined;
}

export interface FakeRepo {
  /** Commit by revision. */
  refs: Record<string, string>;
  /** Content by path, by commit. Files of 1000 bytes and more are on the CDN, as large files are. */
  files: Record<string, Record<string, Uint8Array>>;
  /** What it takes to read it. */
  access?: 'gated' | 'private';
}

export interface HubServer {
  url: string;
  seen: SeenRequest[];
  repos: Record<string, FakeRepo>;
  /** The token that is taken. */
  token: string;
  /** Bytes after which the CDN cuts the connection, for its next answers, one each. */
  cuts: number[];
  /** Bytes after which the CDN goes silent, for its next answers. */
  stalls: number[];
  /** What the CDN does to the bytes on the way. */
  damage?: ((bytes: Uint8Array) => Uint8Array) | undefined;
  ignoreRanges: boolean;
  /** What the CDN answers to its next requests, one each, instead of a file. */
  refusals: number[];
  /** Milliseconds between pieces of 64 kB. */
  slowness: number;
  /** What concerns writing. */
  uploads: Uploads;
  /** From now on, the Hub has one answer to everything. */
  answerAll(status: number): void;
  close(): Promise<void>;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const gitSha1 = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** A client may hang up in the middle of an upload: that one is over, the server is not. */
function leftAlone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ECONNRESET') throw error;
}

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<[Server, string]> {
  const server = createServer(answer);
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
}

/** A server that speaks the Hub's endpoints for reading and writing, and a second one, of another origin, as the store of its large files. */
export async function startHubServer(): Promise<HubServer> {
  const note = (from: 'hub' | 'cdn', { method = '', url = '', headers }: IncomingMessage): void => {
    hub.seen.push({ from, method, url, authorization: headers.authorization, range: headers.range });
  };

  async function send(request: IncomingMessage, response: ServerResponse, original: Uint8Array): Promise<void> {
    const content = hub.damage?.(original) ?? original;
    const from = hub.ignoreRanges ? undefined : /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const start = Number(from ?? 0);
    const total = content.length;
    if (start >= total && from) return void response.writeHead(416).end();
    const headers = { 'Content-Length': total - start, ETag: '"of-the-store"' };
    response.writeHead(
      from ? 206 : 200,
      from ? { ...headers, 'Content-Range': `bytes ${start}-${total - 1}/${total}` } : headers,
    );
    response.flushHeaders();
    const cut = hub.cuts.shift();
    const stall = hub.stalls.shift();
    const bytes = content.subarray(start, start + (cut ?? stall ?? total));
    for (let at = 0; at < bytes.length && !response.destroyed; at += 65536) {
      await new Promise((done) => response.write(bytes.subarray(at, at + 65536), done));
      if (hub.slowness > 0) await new Promise((done) => setTimeout(done, hub.slowness));
    }
    if (cut !== undefined) response.destroy();
    else if (stall === undefined) response.end();
  }

  const [cdn, cdnUrl] = await listen((request, response) => {
    note('cdn', request);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return void answerUpload(hub, cdnUrl, request, response).catch(leftAlone);
    const refusal = hub.refusals.shift();
    if (refusal) return void response.writeHead(refusal).end();
    const [, repo, commit, path] = /^\/(.+)@(\w+)\/(.+)\?/.exec(decodeURIComponent(request.url!))!;
    void send(request, response, hub.repos[repo!]!.files[commit!]![path!]!);
  });

  const [server, url] = await listen((request, response) => {
    note('hub', request);
    const refuse = (status: number, headers: Record<string, string>): void => {
      response.writeHead(status, headers).end();
    };
    if (onlyStatus) return refuse(onlyStatus, {});
    if (request.method === 'POST' || request.url === '/api/whoami-v2') {
      return void answerUpload(hub, cdnUrl, request, response).catch(leftAlone);
    }
    const [path] = request.url!.split('?');
    const api = /^\/api\/(?:models|datasets)\/([^/]+\/[^/]+)\/revision\/([^/]+)$/.exec(path!);
    const resolve = /^\/(?:datasets\/)?([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path!);
    const cached = /^\/api\/resolve-cache\/models\/([^/]+\/[^/]+)\/(\w+)\/(.+)$/.exec(path!);
    const [, name, revision, file] = (api ?? resolve ?? cached ?? []).map(decodeURIComponent);
    const { authorization } = request.headers;
    if (authorization && authorization !== `Bearer ${hub.token}`) {
      return refuse(401, { 'X-Error-Message': 'Invalid credentials in Authorization header' });
    }
    if (name === 'old/name') return refuse(307, { Location: request.url!.replace('old/name', 'org/model') });
    const repo = hub.repos[name ?? ''];
    if (!repo || (repo.access === 'private' && !authorization)) return refuse(401, { 'X-Error-Code': 'RepoNotFound' });
    if (repo.access === 'gated' && !authorization) return refuse(401, { 'X-Error-Code': 'GatedRepo' });
    const commit = repo.refs[revision!] ?? revision!;
    const files = repo.files[commit];
    if (!files) return refuse(404, { 'X-Error-Code': 'RevisionNotFound' });
    if (api) {
      const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
      return void response.end(JSON.stringify({ id: name, sha: commit, siblings }));
    }
    const content = files[file!];
    if (!content) return refuse(404, { 'X-Error-Code': 'EntryNotFound', 'X-Repo-Commit': commit });
    if (content.length >= 1000) {
      return refuse(302, {
        'X-Repo-Commit': commit,
        'X-Linked-Size': String(content.length),
        'X-Linked-Etag': `"${sha256(content)}"`,
        Location: `${cdnUrl}/${name}@${commit}/${file}?X-Amz-Signature=secret`,
      });
    }
    if (resolve) {
      const Location = `/api/resolve-cache/models/${name}/${commit}/${encodeURIComponent(file!)}?etag=x`;
      return refuse(307, { 'X-Repo-Commit': commit, Location });
    }
    const headers = { ETag: `W/"${gitSha1(content)}"`, 'Content-Length': content.length };
    response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : content);
  });

  let onlyStatus: number | undefined;
  const hub: HubServer = {
    url,
    seen: [],
    repos: {},
    token: 'hf_secretOfTheTest',
    cuts: [],
    stalls: [],
    ignoreRanges: false,
    refusals: [],
    slowness: 0,
    uploads: startUploads(),
    answerAll(status) {
      onlyStatus = status;
    },
    async close() {
      for (const each of [server, cdn]) {
        each.closeAllConnections();
        await new Promise((done) => each.close(done));
      }
    },
  };
  return hub;
}
