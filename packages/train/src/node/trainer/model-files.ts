import { KdError } from '@kd/core';
import { optionalPackage } from '@kd/core/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ResolvedArguments } from '../../arguments/training-arguments.ts';
import { classNamesOf } from '../../labels/model-labels.ts';
import type { TrainProcessor } from './data.ts';

const how = (caller: string) => ({ caller, use: 'saving a model of it' });

/** The `preprocessor_config.json` that a model came with, or got: where `@kd/models` keeps it. */
export function preprocessorOf(model: LayersModel): Readonly<Record<string, unknown>> | undefined {
  return (model.getUserDefinedMetadata() as { preprocessor?: Readonly<Record<string, unknown>> } | undefined)
    ?.preprocessor;
}

/** Says how images are prepared for a model: it is saved with that. */
export function setPreprocessor(model: LayersModel, config: Readonly<Record<string, unknown>>): void {
  model.setUserDefinedMetadata({ ...model.getUserDefinedMetadata(), preprocessor: config });
}

/** A model's `config.json`, if it is one of `@kd/models`. */
async function modelConfig(caller: string, model: LayersModel): Promise<Record<string, unknown> | undefined> {
  if (!classNamesOf(model)) return undefined;
  const { toPretrained } = await optionalPackage('@kd/models', () => import('@kd/models'), how(caller));
  return (await toPretrained(model)).config;
}

/** Saves a model that is none of `@kd/models` as TF.js does. Without that package it is not saved, at the end of a long run, and told. */
export async function saveLayersModel(
  caller: string,
  model: LayersModel,
  folder: string,
  onWarning: (message: string) => void,
): Promise<string | undefined> {
  try {
    const { saveModel } = await optionalPackage('@kd/models', () => import('@kd/models/node'), how(caller));
    await saveModel(model, folder);
    return folder;
  } catch (error) {
    if (!KdError.isInstance(error) || error.code !== 'NOT_FOUND') throw error;
    onWarning(`${caller}: the final model is only in the last checkpoint: ${error.message}`);
    return undefined;
  }
}

/** Saves a model as Hugging Face does, if it is one of `@kd/models`. */
export async function saveStudent(caller: string, model: LayersModel, folder: string): Promise<string | undefined> {
  if (!classNamesOf(model)) return undefined;
  const { savePretrained } = await optionalPackage('@kd/models', () => import('@kd/models/node'), how(caller));
  await savePretrained(model, folder);
  return folder;
}

/** What a checkpoint has besides the state of training. */
export async function checkpointFiles(
  caller: string,
  model: LayersModel,
  args: ResolvedArguments,
  processor: TrainProcessor | undefined,
): Promise<Record<string, string>> {
  const json = (content: unknown): string => `${JSON.stringify(content, null, 2)}\n`;
  const config = await modelConfig(caller, model);
  return {
    ...(config ? { 'config.json': json(config) } : {}),
    ...(processor ? { 'preprocessor_config.json': json(processor.config) } : {}),
    'training_args.json': json(args),
  };
}
