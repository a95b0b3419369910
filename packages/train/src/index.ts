export type { ResolveArgumentsOptions } from './arguments/resolve-arguments.ts';
export { resolveArguments } from './arguments/resolve-arguments.ts';
export type {
  DataCollator,
  LrSchedulerKwargs,
  OptimizerName,
  ResolvedArguments,
  SchedulerName,
  TrainingArguments,
} from './arguments/training-arguments.ts';
export type { Callback, EvaluationInfo, StepInfo, TrainControl, TrainInfo } from './callbacks/callback.ts';
export type { EarlyStoppingOptions } from './callbacks/early-stopping.ts';
export { earlyStopping } from './callbacks/early-stopping.ts';
export type { MetricsTable, MetricsTableOptions } from './callbacks/metrics-table.ts';
export { metricsTable } from './callbacks/metrics-table.ts';
export type { AveragedVariable, EmaOptions } from './ema/ema.ts';
export type { ForwardMode } from './engine/forward.ts';
export type { FastForward, StepEngine, StepEngineFactory, StepInput, StepResult } from './engine/step-engine.ts';
export { tfjsEngine } from './engine/tfjs-engine.ts';
export type { LabelMap, MatchLabelsOptions } from './labels/match-labels.ts';
export { matchLabels } from './labels/match-labels.ts';
export type { Predictions } from './loop/ask-loader.ts';
export type { Checkpoint, CheckpointStore, RunIdentity, RunPosition, TrainerState } from './loop/checkpoint.ts';
export type { ComputeMetrics, EvalMetric, EvalPrediction } from './loop/compute-metrics.ts';
export type { EvaluateOptions, EvaluateResult } from './loop/evaluate.ts';
export { evaluate } from './loop/evaluate.ts';
export type { LogWindowState } from './loop/log-window.ts';
export type { PredictOptions } from './loop/predict-logits.ts';
export { predictLogits } from './loop/predict-logits.ts';
export { scorePredictions } from './loop/score-predictions.ts';
export { train } from './loop/train.ts';
export type { IntervalStrategy, SaveStrategy, SelectBestOptions, TrainOptions } from './loop/train-options.ts';
export type { BestEvaluation, EpochMetrics, LogEntry, TrainResult } from './loop/train-result.ts';
export { modelFingerprint } from './model-weights.ts';
export type { ClassificationOptions } from './objectives/classification.ts';
export { classification } from './objectives/classification.ts';
export type { DeitDistillationOptions } from './objectives/deit-distillation.ts';
export { deitDistillation } from './objectives/deit-distillation.ts';
export type { DistillationObjectiveOptions } from './objectives/distillation.ts';
export { distillation } from './objectives/distillation.ts';
export type { FeatureDistillationOptions, FeatureTerm } from './objectives/feature-distillation.ts';
export { featureDistillation } from './objectives/feature-distillation.ts';
export type { HardDistillationObjectiveOptions } from './objectives/hard-distillation.ts';
export { hardDistillation } from './objectives/hard-distillation.ts';
export type { MultiTeacherDistillationOptions, TeacherTerm } from './objectives/multi-teacher-distillation.ts';
export { multiTeacherDistillation } from './objectives/multi-teacher-distillation.ts';
export type { Objective, ObjectiveInput } from './objectives/objective.ts';
export type { RampOptions } from './objectives/weights/ramp-weight.ts';
export { cosineWeight, linearWeight } from './objectives/weights/ramp-weight.ts';
export type { TermWeight, WeightSchedule } from './objectives/weights/term-weight.ts';
export type { AdamOptions, AdamWOptions } from './optimizers/adam.ts';
export { adam, adamW } from './optimizers/adam.ts';
export type { LayerwiseLearningRatesOptions } from './optimizers/layerwise-learning-rates.ts';
export { layerwiseLearningRates } from './optimizers/layerwise-learning-rates.ts';
export type { Optimizer, Update } from './optimizers/optimizer.ts';
export type { GroupOptions, ParameterGroup, ParameterSettings } from './optimizers/parameter-groups.ts';
export { NO_WEIGHT_DECAY } from './optimizers/parameter-groups.ts';
export type { SgdOptions } from './optimizers/sgd.ts';
export { sgd } from './optimizers/sgd.ts';
export { constantSchedule } from './schedules/constant.ts';
export type { CosineScheduleOptions, CosineWithRestartsScheduleOptions } from './schedules/cosine.ts';
export { cosineSchedule, cosineWithRestartsSchedule } from './schedules/cosine.ts';
export type { CosineWarmupScheduleOptions } from './schedules/cosine-warmup.ts';
export { cosineWarmupSchedule } from './schedules/cosine-warmup.ts';
export type { InverseSqrtScheduleOptions } from './schedules/inverse-sqrt.ts';
export { inverseSqrtSchedule } from './schedules/inverse-sqrt.ts';
export { linearSchedule } from './schedules/linear.ts';
export type { OneCycleScheduleOptions } from './schedules/one-cycle.ts';
export { oneCycleSchedule } from './schedules/one-cycle.ts';
export type { PlateauScheduleOptions } from './schedules/plateau.ts';
export { plateauSchedule } from './schedules/plateau.ts';
export type { PolynomialScheduleOptions } from './schedules/polynomial.ts';
export { polynomialSchedule } from './schedules/polynomial.ts';
export type { Schedule, ScheduleContext } from './schedules/schedule.ts';
export type { MultiStepScheduleOptions, StepScheduleOptions } from './schedules/step.ts';
export { multiStepSchedule, stepSchedule } from './schedules/step.ts';
export type { WarmupOptions } from './schedules/warmup.ts';
export type { WarmupStableDecayScheduleOptions } from './schedules/warmup-stable-decay.ts';
export { warmupStableDecaySchedule } from './schedules/warmup-stable-decay.ts';
export type {
  AnswerColumn,
  AnswerColumnType,
  AnswerFile,
  AnswerFolder,
  AnswerKey,
  AnswerTable,
} from './teachers/answer-folder.ts';
export type { AnswerError } from './teachers/cache/answer-error.ts';
export { answerError } from './teachers/cache/answer-error.ts';
export type { AnswerFormat } from './teachers/cache/answer-format.ts';
export type { AnswerSize } from './teachers/cache/answer-size.ts';
export type { CachedTeacher, CachedTeacherOptions } from './teachers/cached-teacher.ts';
export { cachedTeacher } from './teachers/cached-teacher.ts';
export type { ModelTeacherOptions } from './teachers/model-teacher.ts';
export { modelTeacher } from './teachers/model-teacher.ts';
export type { FeatureArray, Teacher, TeacherAnswers } from './teachers/teacher.ts';
export type { TeacherEnsembleOptions } from './teachers/teacher-ensemble.ts';
export { teacherEnsemble } from './teachers/teacher-ensemble.ts';
