import { type CheckableModel, checkKernels } from '../check-kernels.ts';
import { backendError } from '../errors.ts';
import { BACKENDS, type BackendName, LADDER, RUNGS, reasonOf } from './ladder.ts';

/** A better backend that was passed over. */
export interface SkippedBackend {
  name: BackendName;
  reason: string;
  /** What would make it usable. */
  remedy: string;
}

export interface SelectedBackend {
  name: BackendName;
  /** One sentence: which backend, and why this one. */
  summary: string;
  skipped: readonly SkippedBackend[];
}

export interface SelectBackendOptions {
  /** Take this backend or fail. The environment variable `KD_BACKEND` does the same. @default the best usable one */
  backend?: BackendName;
  /** Register what the backend lacks for training; false takes it back. @default true */
  complete?: boolean;
  /** Pass over backends that cannot train this model: it is made on each that is tried, and disposed of. */
  createModel?: () => CheckableModel & { dispose(): unknown };
}

function requested(options: SelectBackendOptions): BackendName | undefined {
  const fromEnvironment = process.env.KD_BACKEND || undefined;
  const name = options.backend ?? fromEnvironment;
  if (name !== undefined && !(BACKENDS as readonly string[]).includes(name)) {
    const source = options.backend === undefined ? 'KD_BACKEND' : 'backend';
    throw backendError(`selectBackend: ${source} is '${name}'; it must be one of ${BACKENDS.join(', ')}`);
  }
  return name as BackendName | undefined;
}

let current: SelectedBackend | undefined;

const completed = new Map<BackendName, () => void>();

/** Once, however often it is asked for. @returns what is to be said about it */
function complete(name: BackendName, wanted: boolean): string {
  const { complete: register } = RUNGS[name];
  if (!register) return '';
  if (wanted && !completed.has(name)) completed.set(name, register());
  if (!wanted) {
    completed.get(name)?.();
    completed.delete(name);
  }
  return wanted ? ', completed for training' : ', as it comes';
}

function checkModel({ createModel }: SelectBackendOptions): void {
  if (!createModel) return;
  const model = createModel();
  try {
    const { missing } = checkKernels(model);
    if (missing.length > 0) throw new Error(`without ${missing.join(', ')}, which training this model needs`);
  } finally {
    model.dispose();
  }
}

/**
 * Makes the best usable TF.js backend the current one and completes it for training: tfjs-node-gpu, tfjs-node,
 * WebAssembly, or plain JavaScript, in this order; WebGPU if it is asked for. Asked again, it gives the same answer.
 *
 * @returns which backend it is and why, and what was passed over with a remedy for each
 * @throws {KdError} NOT_FOUND if the one asked for cannot be used, or none can
 *
 * @example
 * import { selectBackend } from '@kd/backend/node';
 * const { name, summary } = await selectBackend({ backend: 'wasm' });
 * console.log(name); // wasm
 */
export async function selectBackend(options: SelectBackendOptions = {}): Promise<SelectedBackend> {
  const wanted = requested(options);
  const { complete: isCompleted = true } = options;
  const isSettled = options.complete === undefined && options.createModel === undefined;
  if (current && isSettled && (wanted === undefined || wanted === current.name)) return current;
  const skipped: SkippedBackend[] = [];
  for (const name of wanted ? [wanted] : LADDER) {
    const { load, remedy } = RUNGS[name];
    let what: string;
    try {
      what = `${await load()}${complete(name, isCompleted)}`;
      checkModel(options);
    } catch (error) {
      skipped.push({ name, reason: reasonOf(error, name), remedy });
      continue;
    }
    const why = wanted
      ? 'as asked for'
      : skipped.length === 0
        ? 'the fastest there is'
        : `the best that is usable here: ${skipped.map((each) => `${each.name} is ${each.reason}`).join(', ')}`;
    current = { name, summary: `${what}: ${why}`, skipped };
    return current;
  }
  const reasons = skipped.map(({ name, reason, remedy }) => `${name}: ${reason} (${remedy})`).join('; ');
  throw backendError(`selectBackend: ${wanted ? `'${wanted}' cannot be used` : 'no backend can be used'}: ${reasons}`);
}
