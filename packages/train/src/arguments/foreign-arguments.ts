/** The words of a text, as a union. */
type Words<Text extends string> = Text extends `${infer First} ${infer Rest}` ? First | Words<Rest> : Text;

const same = <Names extends string>(names: Names, instead: string): Record<Words<Names>, string> =>
  Object.fromEntries(names.split(' ').map((name) => [name, instead])) as Record<Words<Names>, string>;

// Names of arguments that have the same answer; the types below are made of them.
const PRECISION = 'fp16 bf16 fp16OptLevel halfPrecisionBackend fp16Backend bf16FullEval fp16FullEval tf32';
const PLACE = 'noCuda useCpu useMpsDevice tpuNumCores tpuMetricsDebug nGpu';
const COMPILED =
  'jitModeEval torchdynamo torchCompile torchCompileBackend torchCompileMode useLigerKernel ligerKernelConfig';
const ONE_PROCESS =
  'localRank ddpBackend ddpFindUnusedParameters ddpBucketCapMb ddpBroadcastBuffers ddpTimeout fsdp fsdpMinNumParams fsdpConfig fsdpTransformerLayerClsToWrap deepspeed mpParameters acceleratorConfig parallelismConfig saveOnEachNode logOnEachNode logLevelReplica rayScope averageTokensAcrossDevices evalUseGatherObject';
const MEMORY =
  'gradientCheckpointing gradientCheckpointingKwargs autoFindBatchSize torchEmptyCacheSteps evalAccumulationSteps skipMemoryMetrics';
const TEXT = 'pastIndex groupByLength lengthColumnName includeTokensPerSecond includeNumInputTokensSeen';
const SCREEN = 'logLevel disableTqdm debug';
const COLUMNS = 'removeUnusedColumns labelNames';
const OWN_METRICS =
  'includeInputsForMetrics includeForMetrics batchEvalMetrics evalDoConcatBatches predictionLossOnly useLegacyPredictionLoop';
const TASKS = 'doTrain doEval doPredict';
const WORKERS = 'dataloaderPinMemory dataloaderPersistentWorkers';
const SERVICE = 'project trackioSpaceId';
const ALONE =
  'dataloaderPrefetchFactor fullDeterminism ignoreDataSkip restoreCallbackStatesFromCheckpoint saveSafetensors loggingNanInfFilter overwriteOutputDir hubAlwaysPush';

/** Names of arguments of transformers that mean nothing here. */
export type MeaninglessName =
  | Words<typeof PRECISION>
  | Words<typeof PLACE>
  | Words<typeof COMPILED>
  | Words<typeof ONE_PROCESS>
  | Words<typeof MEMORY>
  | Words<typeof TEXT>
  | Words<typeof SCREEN>
  | Words<typeof COLUMNS>
  | Words<typeof OWN_METRICS>
  | Words<typeof TASKS>
  | Words<typeof WORKERS>
  | Words<typeof SERVICE>
  | Words<typeof ALONE>;

/** What to use instead; the result is the same without them. */
export const MEANINGLESS: Readonly<Record<MeaninglessName, string>> = {
  ...same(PRECISION, 'training is in float32; a faster engine is what gives speed: engine: onnxEngine() of @kd/onnx'),
  ...same(PLACE, 'choose where it runs with selectBackend() of @kd/backend, or with engine'),
  ...same(COMPILED, 'engine: onnxEngine() of @kd/onnx compiles the step'),
  ...same(ONE_PROCESS, 'one process trains one model'),
  ...same(MEMORY, 'for less memory lower perDeviceTrainBatchSize and raise gradientAccumulationSteps'),
  ...same(TEXT, 'it is for text, and these are images'),
  ...same(SCREEN, 'what is shown is up to callbacks, such as metricsTable()'),
  ...same(COLUMNS, 'datasets of @kd/data have ids, images and labels, and no other columns'),
  ...same(OWN_METRICS, 'computeMetrics is given logits, labels and ids'),
  ...same(TASKS, 'what happens follows from train, validation and test'),
  ...same(WORKERS, 'the threads of dataloaderNumWorkers stay by themselves'),
  ...same(SERVICE, 'these are names of a service that is not supported'),
  dataloaderPrefetchFactor: 'pass a loader of your own: dataLoader(dataset, { prefetch })',
  fullDeterminism: 'equal arguments always give equal bits',
  ignoreDataSkip: 'a resumed run goes to its place in the data at once',
  restoreCallbackStatesFromCheckpoint: 'the state of callbacks is always restored',
  saveSafetensors: 'weights are always saved as safetensors',
  loggingNanInfFilter: 'a loss that is no number ends the run, or its step is skipped with onNotFinite: "skip"',
  overwriteOutputDir: 'a new run writes over what an earlier one left in outputDir, unless it resumes',
  hubAlwaysPush: 'a push is waited for when the next one begins',
};

/** Arguments of transformers without which the result would be another, with the way to what they do. */
export const REFUSED: Readonly<Record<string, string>> = {
  ...same('perGpuTrainBatchSize', 'use perDeviceTrainBatchSize'),
  ...same('perGpuEvalBatchSize', 'use perDeviceEvalBatchSize'),
  ...same('adafactor optimArgs optimTargetModules', 'pass an optimizer of your own, such as sgd({ momentum: 0.9 })'),
  neftuneNoiseAlpha: 'it is noise on embeddings of text',
  evalOnStart: 'call evaluate() before',
  saveOnlyModel: 'a checkpoint that cannot be resumed is what savePretrained() writes',
  hubRevision: 'a push goes to the main branch',
  pushToHubModelId: 'use hubModelId',
  pushToHubOrganization: 'use hubModelId, with the organization in front',
  pushToHubToken: 'use hubToken',
};

/** What transformers has for those of both tables that are not null, false, 0 or empty there. */
export const FOREIGN_DEFAULTS: Readonly<Record<string, unknown>> = {
  fp16OptLevel: 'O1',
  halfPrecisionBackend: 'auto',
  fp16Backend: 'auto',
  localRank: -1,
  nGpu: -1,
  ddpTimeout: 1800,
  logOnEachNode: true,
  averageTokensAcrossDevices: true,
  skipMemoryMetrics: true,
  pastIndex: -1,
  lengthColumnName: 'length',
  logLevel: 'passive',
  logLevelReplica: 'warning',
  removeUnusedColumns: true,
  evalDoConcatBatches: true,
  dataloaderPinMemory: true,
  loggingNanInfFilter: true,
  saveSafetensors: true,
  rayScope: 'last',
  project: 'huggingface',
  trackioSpaceId: 'trackio',
};
