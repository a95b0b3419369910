import { basename, join } from 'node:path';
import { KdError } from '@kd/core';
import { type CreateRepoOptions, createRepo, emitWarning, uploadFolder, type WritableRepo } from '@kd/core/node';
import type { Callback } from '../../callbacks/callback.ts';
import { copyFolder, stage } from './staging.ts';

/**
 * What is uploaded, and when:
 * - `end`: the student, once training is done
 * - `every_save`: the student, with every checkpoint, and at the end
 * - `checkpoint`: that, and the newest checkpoint as the folder `last-checkpoint`, to go on from elsewhere
 * - `all_checkpoints`: that, with all of them, under their own names
 */
export type HubStrategy = 'end' | 'every_save' | 'checkpoint' | 'all_checkpoints';

export interface HubPushOptions extends Pick<CreateRepoOptions, 'hubUrl' | 'token' | 'fetch' | 'private' | 'signal'> {
  /** `name`, or `org/name`; made if it is not there. */
  repository: string;
  /** Writes the student as it is to be published: `(folder) => savePretrained(student, folder, { processor })`. */
  student: (folder: string) => Promise<unknown>;
  /** @default 'every_save' */
  strategy?: HubStrategy;
  /** Told of an upload that failed; training goes on. @default process.emitWarning */
  onWarning?: (message: string) => void;
}

/** One upload. */
export interface HubPush {
  /** Optimiser steps that the student had done. */
  step: number;
  /** Of the repository. */
  commit: string;
  /** The commit's page. */
  url: string;
}

export interface HubPushCallback extends Callback {
  /** What has been uploaded so far, oldest first. */
  readonly pushed: readonly HubPush[];
}

const STRATEGIES: readonly HubStrategy[] = ['end', 'every_save', 'checkpoint', 'all_checkpoints'];

/**
 * Uploads the student to the Hugging Face Hub while it is trained: one commit for each checkpoint, and one at the end.
 *
 * Before the first step the token is checked and the repository made, so that a run does not fail at its end. Uploads run
 * beside the training, one after the other; the next checkpoint waits for the upload before it. One that fails is tried
 * again, then told to `onWarning`, and the next one brings what it lacked. The token is sent to the Hub alone and is in
 * no file and no message.
 *
 * @throws {KdError} INVALID_ARGUMENT for another strategy; what `createRepo` of `@kd/core/node` throws, when training begins
 *
 * Reference: `push_to_hub`, `hub_model_id` and `hub_strategy` of transformers' TrainingArguments.
 *
 * @example
 * import { hubPush } from '@kd/train/node';
 * const student = async () => {}; // (folder) => savePretrained(model, folder, { processor })
 * const callback = hubPush({ repository: 'beans-mobilenet', student, strategy: 'end' });
 * console.log(callback.pushed); // []
 */
export function hubPush(options: HubPushOptions): HubPushCallback {
  const {
    repository,
    student,
    strategy = 'every_save',
    private: isPrivate,
    onWarning = emitWarning,
    ...access
  } = options;
  if (!STRATEGIES.includes(strategy)) {
    const known = STRATEGIES.join(', ');
    throw new KdError('INVALID_ARGUMENT', `hubPush: strategy must be one of ${known}, got '${strategy}'`, { strategy });
  }
  const pushed: HubPush[] = [];
  let target: WritableRepo | undefined;
  let underWay: Promise<void> = Promise.resolve();

  /** Starts an upload of what `write` writes now. */
  async function push(step: number, message: string, write: (folder: string) => Promise<unknown>): Promise<void> {
    await underWay;
    const { folder, remove } = await stage(write);
    underWay = uploadFolder(target!.repo, folder, { ...access, message })
      .then(
        ({ commit, url }) => void pushed.push({ step, commit, url }),
        (error: Error) => onWarning(`hubPush: '${message}' was not uploaded to ${target!.url}: ${error.message}`),
      )
      .finally(remove);
  }

  return {
    pushed,
    async onTrainBegin() {
      target = await createRepo(repository, { ...access, ...(isPrivate === undefined ? {} : { private: isPrivate }) });
    },
    async onSave({ step, path }) {
      if (strategy === 'end') return;
      await push(step, `Training in progress, step ${step}`, async (folder) => {
        await student(folder);
        if (strategy === 'every_save') return;
        await copyFolder(path, join(folder, strategy === 'checkpoint' ? 'last-checkpoint' : basename(path)));
      });
    },
    async onTrainEnd({ steps, stopped }) {
      // One that was stopped has its last checkpoint there, and goes on later.
      if (stopped !== 'aborted') await push(steps, 'End of training', student);
      await underWay;
    },
  };
}
