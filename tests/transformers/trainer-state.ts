import assert from 'node:assert/strict';
import { join } from 'node:path';
import { arrayDataset, dataLoader } from '@kd/data';
import { mlp } from '@kd/models';
import { classification, earlyStopping, train } from '@kd/train';
import { checkpointFolder } from '@kd/train/node';
import { readPython } from '../lib/python.ts';

/**
 * Trains a little, evaluating and saving inside of epochs, and asserts that transformers reads the state in the last
 * checkpoint, with the values that `train` returned.
 *
 * @returns what it read, in words
 */
export async function compareTrainerState(folder: string): Promise<string> {
  const images = {
    data: Uint8Array.from({ length: 40 * 16 }, (_, i) => ((i >> 4) % 2 ? 255 : i % 256)),
    shape: [40, 4, 4],
  };
  const labels = Array.from({ length: 40 }, (_, i) => i % 2);
  const loader = dataLoader(arrayDataset({ images, labels, classNames: ['dark', 'light'] }), { batchSize: 4 });
  const result = await train({
    model: mlp({ inputShape: [4, 4, 1], hiddenSizes: [8], classNames: ['dark', 'light'] }),
    objective: classification(),
    train: loader,
    validation: loader,
    maxSteps: 24,
    maxGradNorm: 1,
    loggingStrategy: 'steps',
    loggingSteps: 5,
    evalStrategy: 'steps',
    evalSteps: 6,
    saveStrategy: 'steps',
    saveSteps: 6,
    selectBest: true,
    checkpoints: checkpointFolder(folder, { keep: 9 }),
    callbacks: [earlyStopping({ patience: 9 })],
  });
  const path = result.checkpoint!;
  const state = JSON.parse(await readPython('transformers', 'read_state.py', join(path, 'trainer_state.json')));
  const { epoch, global_step, max_steps, num_train_epochs, logging_steps, eval_steps, save_steps } = state;
  assert.deepEqual(
    { epoch, global_step, max_steps, num_train_epochs, logging_steps, eval_steps, save_steps },
    { epoch: 2.4, global_step: 24, max_steps: 24, num_train_epochs: 3, logging_steps: 5, eval_steps: 6, save_steps: 6 },
  );
  assert.equal(state.train_batch_size, 4);
  // The last entry, the summary, comes after the last checkpoint; so it does in the Trainer.
  assert.deepEqual(state.log_history, result.logHistory.slice(0, -1));
  const { best } = result;
  assert.deepEqual(
    [state.best_metric, state.best_global_step, state.best_model_checkpoint],
    [best!.value, best!.step, join(folder, `checkpoint-${best!.step}`)],
  );
  return `step ${global_step}, epoch ${epoch}, ${state.log_history.length} log entries, best ${state.best_metric}`;
}
