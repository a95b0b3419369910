/** What the child is told, as JSON. */
export interface Settings {
  /** Where it keeps checkpoints, logs and the teacher's answers. */
  folder: string;
  /** Digits that the test has put there. */
  digits: string;
  engine: 'cpu' | 'wasm' | 'onnx';
  variant: 'mlp' | 'cnn' | 'features';
  /** The write that it kills itself in. @default none */
  killAt?: KillAt;
  /** Stops as Ctrl-C does, with a checkpoint, after so many epochs. @default none */
  stopAfterEpochs?: number;
}

/** One of the writes, counted from 1, of what has this in its path. */
export interface KillAt {
  path: string;
  count: number;
}

export const EPOCHS = 6;
export const SAMPLES = 60;
export const BATCH = 8;
export const ACCUMULATION = 2;
/** 8 batches, of which the last is smaller. */
export const STEPS_PER_EPOCH: number = Math.ceil(Math.ceil(SAMPLES / BATCH) / ACCUMULATION);

/** Names in a run's folder. */
export const FILES = {
  metrics: 'metrics.jsonl',
  log: 'log.jsonl',
  events: 'logs',
  answers: 'answers',
  student: 'student.safetensors',
};
