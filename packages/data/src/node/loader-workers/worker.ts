/** The other side of worker-pool.ts: makes batches out of encoded images, as the loader itself does on its thread. */
import { parentPort } from 'node:worker_threads';
import { type AugmentationStep, augmentation } from '../../augment/augmentation.ts';
import { jitterAugmentation } from '../../jitter.ts';
import { batchBuilder } from '../../loader/batch-builder.ts';
import { decodedBatches, type MakeDecoded } from '../../loader/decoded-batches.ts';
import { type EncodedBytes, encodedSource } from '../../loader/encoded-source.ts';
import { createLimiter } from '../../loader/prefetch.ts';
import { showing } from '../../loader/showing.ts';
import { createProcessor } from '../../processors/create-processor.ts';
import { unfilledMemory } from '../unfilled-memory.ts';
import { decodeInWorker } from './decode-in-worker.ts';
import { type FromWorker, type Job, type PlainRecipe, type ToWorker, toPlainError } from './messages.ts';

const MAX_RECIPES = 8; // one for each loader in use

type MakerOf = (dataset: EncodedBytes) => MakeDecoded;

function augmentOf(config: PlainRecipe['augment']): ReturnType<typeof augmentation> | undefined {
  if (!config) return undefined;
  const { jitter, steps, views } = config as { jitter?: number; steps: AugmentationStep[]; views?: number };
  return jitter === undefined ? augmentation(steps, views === undefined ? {} : { views }) : jitterAugmentation(jitter);
}

function makerOf({ processor: config, augment: pipeline, fixedShape, ...recipe }: PlainRecipe): MakerOf {
  const processor = config && createProcessor(config);
  const teacherProcessor = recipe.teacherProcessor && createProcessor(recipe.teacherProcessor);
  const augment = augmentOf(pipeline);
  const start = batchBuilder({ ...recipe, teacher: teacherProcessor, allocate: unfilledMemory });
  const limit = createLimiter(recipe.concurrency);
  return (dataset) => {
    const keepDecoded = teacherProcessor !== undefined;
    const resizing = { processor, augment, keepDecoded, imageShape: fixedShape };
    const source = encodedSource(dataset, { decode: decodeInWorker, ...resizing });
    const show = showing({ ...recipe, teacherProcessor, augment, sourceShape: source.imageShape });
    return decodedBatches({ source, show, start, limit });
  };
}

const makers = new Map<number, MakerOf>(); // by recipe, the one used longest ago first

function makerFor({ recipeId, recipe }: Job): MakerOf {
  const maker = makers.get(recipeId) ?? makerOf(recipe);
  makers.delete(recipeId);
  if (makers.size >= MAX_RECIPES) makers.delete(makers.keys().next().value!);
  makers.set(recipeId, maker);
  return maker;
}

function datasetOf({ indices, samples, bytes, ends }: Job): EncodedBytes {
  const rows = new Map(Array.from(indices, (index, row) => [index, row])); // of a sample that comes twice, the last
  return {
    info: (index) => samples[rows.get(index)!]!,
    read: async (index) => {
      const row = rows.get(index)!;
      return bytes.subarray(row === 0 ? 0 : ends[row - 1]!, ends[row]!);
    },
  };
}

const port = parentPort!;
const running = new Map<number, AbortController>();

async function run(job: Job): Promise<void> {
  const { id, indices, epoch } = job;
  const left = new AbortController();
  running.set(id, left);
  const post = (message: FromWorker, buffers: ArrayBuffer[] = []): void => port.postMessage(message, buffers);
  try {
    const { batch, failed } = await makerFor(job)(datasetOf(job))(indices, epoch, left.signal);
    const arrays = [batch.images.data, batch.teacherImages?.data, batch.labels, batch.views].filter(
      (array) => array !== undefined,
    );
    const plain = failed.map(({ row, error }) => ({ row, error: toPlainError(error) }));
    post(
      { id, batch, failed: plain },
      arrays.map(({ buffer }) => buffer as ArrayBuffer),
    );
  } catch (error) {
    post({ id, error: toPlainError(error) });
  } finally {
    running.delete(id);
  }
}

port.on('message', (message: ToWorker) => {
  if ('cancel' in message) running.get(message.cancel)?.abort();
  else void run(message);
});
