import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ByteSource, KdError } from '@kd/core';
import { fileSource } from '@kd/core/node';
import type * as tf from '@tensorflow/tfjs-core';

type Spec = tf.io.WeightsManifestEntry;

/** A folder in the format of TF.js: model.json has been read, the weights have not. */
export interface SavedModel {
  /** What model.json says, without its list of files. */
  artifacts: tf.io.ModelArtifacts;
  weightSpecs: readonly Spec[];
  /** The bytes of one weight. */
  readWeight(spec: Spec): Promise<ArrayBuffer>;
  /** All weights, a buffer for each file. */
  readAll(): Promise<ArrayBuffer[]>;
  close(): Promise<void>;
}

const VALUE_BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  uint16: 2,
  float16: 2,
  uint8: 1,
  bool: 1,
  complex64: 8,
};

/** @throws {KdError} UNSUPPORTED for text, whose length only its bytes tell */
function byteLength({ name, shape, dtype, quantization }: Spec, folder: string): number {
  const size = VALUE_BYTES[quantization?.dtype ?? dtype];
  if (size !== undefined) return shape.reduce((a, b) => a * b, size);
  throw new KdError('UNSUPPORTED', `fileHandler: '${name}' in '${folder}' is of ${dtype}`, { folder, name });
}

async function readJson(folder: string): Promise<tf.io.ModelJSON> {
  let json: tf.io.ModelJSON;
  try {
    json = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
  } catch (cause) {
    const message =
      cause instanceof SyntaxError
        ? `fileHandler: model.json in '${folder}' is not JSON`
        : `fileHandler: '${folder}' is no saved model: cannot read model.json`;
    throw new KdError(cause instanceof SyntaxError ? 'INVALID_DATA' : 'NOT_FOUND', message, { folder }, { cause });
  }
  const groups: unknown = json?.weightsManifest;
  const isGroup = ({ paths, weights }: Partial<tf.io.WeightsManifestConfig[number]>): boolean =>
    Array.isArray(paths) && Array.isArray(weights) && weights.every(({ shape }) => Array.isArray(shape));
  if (Array.isArray(groups) && groups.every(isGroup)) return json;
  throw new KdError('INVALID_DATA', `fileHandler: model.json in '${folder}' does not list its weights`, { folder });
}

async function openFile(folder: string, name: string): Promise<Awaited<ReturnType<typeof fileSource>>> {
  try {
    return await fileSource(join(folder, name));
  } catch (cause) {
    const message = `fileHandler: '${folder}' is no saved model: cannot read ${name}`;
    throw new KdError('NOT_FOUND', message, { folder, name }, { cause });
  }
}

/** A range of bytes of files that lie one behind the other. */
async function readRange(files: readonly ByteSource[], offset: number, length: number): Promise<ArrayBuffer> {
  const out = new Uint8Array(length);
  let start = 0;
  for (const file of files) {
    const [from, to] = [Math.max(offset, start), Math.min(offset + length, start + file.size)];
    if (from < to) {
      const bytes = await file.read(from - start, to - from);
      if (bytes.length === length) return bytes.buffer as ArrayBuffer; // all of it, not copied
      out.set(bytes, from - offset);
    }
    start += file.size;
  }
  return out.buffer;
}

/**
 * Opens a folder in the format of TF.js.
 *
 * @throws {KdError} NOT_FOUND or INVALID_DATA if it holds no whole model
 */
export async function openSavedModel(folder: string): Promise<SavedModel> {
  const { weightsManifest, ...artifacts } = await readJson(folder);
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const places = new Map<Spec, [offset: number, length: number]>();
  let expected = 0;
  for (const spec of weightSpecs) {
    const length = byteLength(spec, folder);
    places.set(spec, [expected, length]);
    expected += length;
  }
  const files: Awaited<ReturnType<typeof openFile>>[] = [];
  const close = async (): Promise<void> => void (await Promise.all(files.map((file) => file.close())));
  try {
    for (const path of weightsManifest.flatMap(({ paths }) => paths)) files.push(await openFile(folder, path));
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    if (bytes !== expected) {
      throw new KdError(
        'INVALID_DATA',
        `fileHandler: the weights in '${folder}' have ${bytes} bytes, model.json asks for ${expected}; ` +
          'the files are not of one model, or were cut off',
        { folder, bytes, expected },
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    artifacts: artifacts as tf.io.ModelArtifacts,
    weightSpecs,
    readWeight: (spec) => readRange(files, ...places.get(spec)!),
    readAll: () => Promise.all(files.map(async (file) => (await file.read(0, file.size)).buffer as ArrayBuffer)),
    close,
  };
}
