import { selectBackend } from '@kd/backend/node';
import { KdError } from '@kd/core';
import { probabilities } from '@kd/train/report';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { percent } from './format.ts';
import { loadMlp } from './load-mlp.ts';

const SHOWN = 3;
const LIGHT = 128;

/** Pixels of an image file as the network wants them: gray, its size, light strokes on a dark ground. */
async function readDigit(
  path: string,
  height: number,
  width: number,
): Promise<{ pixels: Uint8Array; inverted: boolean }> {
  try {
    const gray = await sharp(await sharp(path).flatten({ background: 'white' }).grayscale().png().toBuffer());
    const { mean } = (await gray.stats()).channels[0]!;
    // Ink on paper is dark on light; MNIST is the other way round. Decided before anything is padded.
    const inverted = mean > LIGHT;
    const pixels = await (inverted ? gray.negate() : gray)
      .resize(width, height, { fit: 'contain', background: 'black' })
      .toColourspace('b-w')
      .raw()
      .toBuffer();
    return { pixels: Uint8Array.from(pixels), inverted };
  } catch (cause) {
    const { message } = cause as Error;
    throw new KdError('INVALID_DATA', `predict: cannot read an image from '${path}': ${message}`, { path }, { cause });
  }
}

/** One image through a saved model, as text. */
export async function predict(folder: string, path: string): Promise<string> {
  await selectBackend();
  const { model, mlp } = await loadMlp(folder);
  const { classNames, inputShape } = mlp;
  const [height, width] = inputShape;
  const { normalization } = model.getUserDefinedMetadata() as { normalization?: { mean: number; std: number } };
  if (!normalization) throw new KdError('NOT_FOUND', `predict: '${folder}' does not say how its images are normalised`);
  const { pixels, inverted } = await readDigit(path, height, width);
  const { mean, std } = normalization;
  const logits = tf.tidy(() => {
    const image = Float32Array.from(pixels, (pixel) => (pixel / 255 - mean) / std);
    return (model.apply(tf.tensor4d(image, [1, height, width, 1])) as tf.Tensor).dataSync() as Float32Array;
  });
  const lines = probabilities({ logits, classes: classNames.length }, 0)
    .map((probability, i) => ({ probability, name: classNames[i]! }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, SHOWN)
    .map(({ name, probability }) => `  ${name.padEnd(12)} ${percent(probability).padStart(8)}`);
  return [`${path}${inverted ? ' (dark on light: inverted)' : ''}`, ...lines].join('\n');
}
