export type { CheckpointFolderOptions } from './checkpoint-folder.ts';
export { checkpointFolder } from './checkpoint-folder.ts';
export { metricsJsonl } from './jsonl.ts';
