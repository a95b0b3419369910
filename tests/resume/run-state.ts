import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeTable } from '../../packages/train/src/node/answers/answer-table.ts';
import { readScalars } from '../../packages/train/src/testing/read-events.ts';
import { FILES } from './settings.ts';

/** Times, which differ from run to run. */
const TIMES = /^(time|.*runtime|.*per_second|updated_at)$/;

const withoutTimes = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => (TIMES.test(name) ? [] : [[name, withoutTimes(each)]])),
  );
};

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const json = (text: string): unknown => withoutTimes(JSON.parse(text));

/** Everything that a run has left in its folder, but for times: what must be equal for two runs to be the same run. */
export function runState(folder: string): Record<string, unknown> {
  const checkpoints = readdirSync(folder).filter((name) => name.startsWith('checkpoint'));
  const files = checkpoints.flatMap((name) => readdirSync(join(folder, name)).map((file) => join(name, file)));
  const states = files.filter((path) => path.endsWith('trainer_state.json'));
  return {
    // The manifest has the digests of the others, and trainer_state.json times.
    tensors: Object.fromEntries(
      [...files, FILES.student]
        .filter((path) => path.endsWith('.safetensors'))
        .map((path) => [path, sha256(join(folder, path))]),
    ),
    state: states.map((path) => json(readFileSync(join(folder, path), 'utf8').replaceAll(folder, '<folder>'))),
    metrics: readFileSync(join(folder, FILES.metrics), 'utf8').trimEnd().split('\n').map(json),
    scalars: readScalars(join(folder, FILES.events)).filter(([tag]) => !TIMES.test(tag.replace(/^.*\//, ''))),
  };
}

/** What is beside the run's own files: nothing, if every killed write has been cleared up. */
export function strangers(folder: string): string[] {
  return readdirSync(folder).filter(
    (name) => !/^checkpoint-\d+$/.test(name) && !(Object.values(FILES) as string[]).includes(name),
  );
}

/** Answers of the teacher's folder: how many there are of each view of each sample. */
export async function answerCounts(folder: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const path = join(folder, FILES.answers);
  if (!existsSync(path)) return counts;
  for (const name of readdirSync(path, { recursive: true }) as string[]) {
    if (!name.endsWith('.arrow')) continue;
    const { ids, views } = await decodeTable(name, readFileSync(join(path, name)));
    ids.forEach((id, i) => {
      const key = `${id}/${views[i]}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    });
  }
  return counts;
}
