import { optionalPackage } from '@kd/core/node';
import type { Prediction } from '../../predict/top-predictions.ts';
import { type FromPretrainedOptions, fromPretrained } from '../from-pretrained.ts';
import { predict } from '../predict/predict.ts';
import { formatPredictions } from './format-predictions.ts';

export interface PredictCommandOptions extends FromPretrainedOptions {
  topK: number;
  json: boolean;
  write: (text: string) => void;
}

/** Makes the best backend that is installed the current one. */
async function chooseBackend(): Promise<void> {
  const how = { caller: 'predict', use: 'choosing a backend of TensorFlow.js' };
  const { selectBackend } = await optionalPackage('@kd/backend', () => import('@kd/backend/node'), how);
  await selectBackend();
}

/** `npx @kd/models predict`: each image is answered as soon as it can be, but for JSON, which is one line for all. */
export async function predictCommand(
  model: string,
  images: readonly string[],
  { topK, json, write, ...options }: PredictCommandOptions,
): Promise<void> {
  await chooseBackend();
  const loaded = await fromPretrained(model, options);
  const answers: { image: string; predictions: Prediction[] }[] = [];
  for (const image of images) {
    const predictions = await predict(loaded, /^(https?|file|data):/.test(image) ? new URL(image) : image, { topK });
    answers.push({ image, predictions });
    if (!json) write(formatPredictions(image, predictions));
  }
  if (json) write(JSON.stringify(answers));
}
