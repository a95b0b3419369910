import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type Batch, KdError, normalizeImages, type PixelNormalization, teacherView } from '@kd/core';
import type { InferenceSession } from 'onnxruntime-node';
import { type ImageLayout, imageInput } from './image-input.ts';
import { inTurn } from './in-turn.ts';
import { type SessionSettings, sessionOptions } from './open-session.ts';
import { type LoadRuntimeOptions, loadOnnxRuntime } from './runtime.ts';

export interface OnnxTeacherOptions extends SessionSettings, LoadRuntimeOptions {
  /** How the file's input has its images. @default found from the input's shape */
  layout?: ImageLayout;
  /** Which output has the logits. @default the first */
  output?: string;
  /** For uint8 batches that come without one. @default none */
  normalization?: PixelNormalization;
  /** Compared with the data's before training. */
  classNames?: readonly string[];
}

/** A `Teacher` of @kd/train. */
export interface OnnxTeacher {
  readonly classNames?: readonly string[];
  readonly deterministic: true;
  /** SHA-256 of the file; weights that it keeps in other files are not part of it. */
  fingerprint(): Promise<string>;
  /** float32 [batch, classes], row-major. */
  logits(batch: Batch): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * Any ONNX file that takes images and gives logits, as a teacher.
 *
 * Batches are NHWC; they are turned where the file's input is [batch, channels, height, width]. That is found from the input's
 * dimensions: 1 or 3 channels, or an open dimension with such a name (`num_channels`), before or behind.
 *
 * @param path of the `.onnx` file
 * @throws {KdError} NOT_FOUND if there is no such file or output; INVALID_DATA if ONNX Runtime cannot read it; UNSUPPORTED if
 *   its input is no batch of float32 images or its layout cannot be found; from `logits` SHAPE_MISMATCH for images that it
 *   does not take
 *
 * @example
 * import { onnxTeacher } from '@kd/onnx/node';
 * const message = await onnxTeacher('none-yet.onnx').catch((error) => error.message);
 * console.log(message); // onnxTeacher: there is no file 'none-yet.onnx'
 */
export async function onnxTeacher(path: string, options: OnnxTeacherOptions = {}): Promise<OnnxTeacher> {
  const { classNames, normalization } = options;
  const print = await sha256(path);
  const { ort } = await loadOnnxRuntime(options);
  const session = await ort.InferenceSession.create(path, sessionOptions(options)).catch((cause: Error) => {
    const [why] = cause.message.split('\n');
    throw new KdError('INVALID_DATA', `onnxTeacher: ONNX Runtime cannot read '${path}': ${why}`, { path }, { cause });
  });
  try {
    const input = imageInput(path, session, options.layout);
    const output = outputName(path, session, options.output);
    const turn = inTurn();
    return {
      ...(classNames ? { classNames } : {}),
      deterministic: true,
      fingerprint: async () => print,
      logits: (given) =>
        turn(async () => {
          const { images, ...batch } = teacherView(given);
          const { shape } = images;
          const numbers = normalizeImages('onnxTeacher', images, batch.normalization ?? normalization);
          const tensor = new ort.Tensor('float32', input.arrange(numbers, shape), [...input.shapeOf(shape)]);
          const { [output]: answer } = await session.run({ [input.name]: tensor }, [output]);
          checkLogits(path, output, answer!, shape[0]!);
          return (answer!.data as Float32Array).slice();
        }),
      release: () => turn(() => session.release()),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const message = isMissing ? `there is no file '${path}'` : `cannot read '${path}': ${(cause as Error).message}`;
    throw new KdError('NOT_FOUND', `onnxTeacher: ${message}`, { path }, { cause });
  }
  return hash.digest('hex');
}

function outputName(path: string, { outputNames }: InferenceSession, wanted = outputNames[0]!): string {
  if (outputNames.includes(wanted)) return wanted;
  throw new KdError('NOT_FOUND', `onnxTeacher: '${path}' has no output '${wanted}', it has ${outputNames.join(', ')}`, {
    wanted,
    outputNames,
  });
}

function checkLogits(
  path: string,
  name: string,
  { type, dims }: { type: string; dims: readonly number[] },
  rows: number,
) {
  if (type === 'float32' && dims.length === 2 && dims[0] === rows) return;
  throw new KdError(
    'SHAPE_MISMATCH',
    `onnxTeacher: output '${name}' of '${path}' is ${type} [${dims}] for ${rows} images; logits are float32 [${rows}, ` +
      'classes]: name another with the option output',
    { name, type, dims },
  );
}
