import { readWeights } from '../model-weights.ts';
import { checkWeights } from './check.ts';
import type { TrainerState } from './checkpoint.ts';
import { keyedCallbacks, VERSION } from './restore-run.ts';
import { epochsDone, type Run, syncEngine } from './run.ts';
import { trainedVariables } from './trained-variables.ts';

/** Writes a checkpoint, if the run keeps any. */
export async function saveRun(run: Run): Promise<void> {
  await run.options.objective.teacher?.flush?.(); // nobody asks it again for what a checkpoint has behind it
  const { checkpoints } = run.options;
  if (!checkpoints) return;
  await syncEngine(run);
  const { step } = run;
  const model = await readWeights(trainedVariables(run.options));
  checkWeights(model, step, run.savedAt);
  const path = await checkpoints.save({
    model,
    optimizer: await run.optimizer.state(),
    ema: (await run.ema?.state()) ?? [],
    best: run.bestWeights,
    state: stateOf(run),
  });
  run.savedAt = path;
  await run.tell((callback) => callback.onSave?.({ step, path }));
}

/** The run as Hugging Face's `TrainerState`. */
function stateOf(run: Run): TrainerState {
  const { plan, best, options, stop } = run;
  return {
    epoch: epochsDone(run),
    global_step: run.step,
    max_steps: plan.totalSteps,
    num_train_epochs: plan.epochs,
    logging_steps: plan.loggingSteps,
    eval_steps: plan.evalSteps,
    save_steps: plan.saveSteps,
    train_batch_size: options.train.batchSize,
    log_history: run.logHistory,
    best_metric: best?.value ?? null,
    best_global_step: best?.step ?? null,
    best_model_checkpoint: null, // a store of folders knows
    total_flos: 0,
    num_input_tokens_seen: 0,
    is_local_process_zero: true,
    is_world_process_zero: true,
    is_hyper_param_search: false,
    trial_name: null,
    trial_params: null,
    stateful_callbacks: {
      kd: {
        args: { version: VERSION, ...run.identity },
        attributes: {
          epoch: run.epoch,
          batch: run.batch,
          sums: run.sums.state(),
          log: run.log.state(),
          best,
          history: run.history,
          runtime: run.runtime(),
          samplesSeen: run.samplesSeen,
          skippedBatches: run.skippedBatches,
          schedule: run.schedule.state?.() ?? {},
          callbacks: Object.fromEntries(
            keyedCallbacks(options.callbacks).flatMap(([key, callback]) =>
              callback.state ? [[key, callback.state()]] : [],
            ),
          ),
          ...(stop?.why === 'early' ? { stopped: stop.reason ?? '' } : {}),
        },
      },
    },
  };
}
