import { KdError } from '@kd/core';

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EROFS: 'it is on a disk that cannot be written to',
  EACCES: 'it may not be written to',
  EPERM: 'it may not be written to',
  ENOTDIR: 'a part of its path is a file',
};

/** An error of the file system as one that says what is left and how to go on; any other error as it is. */
export function asDiskError(
  caller: string,
  outputDir: string,
  checkpoint: string | undefined,
  error: unknown,
): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const problem = PROBLEMS[code];
  if (!problem || KdError.isInstance(error)) return error;
  const kept = checkpoint
    ? `the last checkpoint, ${checkpoint}, is whole: make room, and go on with resumeFromCheckpoint: true`
    : 'give another outputDir, or make room';
  return new KdError(
    'UNAVAILABLE',
    `${caller}: cannot write to '${outputDir}': ${problem} (${message}); ${kept}`,
    { outputDir, code, checkpoint },
    { cause: error },
  );
}
