import { KdError } from '../../errors.ts';
import { elementCount, type TensorType } from '../tensor-file.ts';
import { bytesPerValue } from '../tensor-values.ts';
import { type PickleObject, type PickleValue, readPickle } from './pickle.ts';

/** A run of bytes that tensors look into. */
interface Storage extends PickleObject {
  kind: 'storage';
  /** Its entry in the archive is `data/<key>`. */
  key: string;
  /** Absent for an untyped one: then its length is in bytes. */
  dtype: TensorType | undefined;
  length: number;
}

/** A tensor as PyTorch has it: a view of a storage. Strides and offset count values. */
export interface TorchTensor extends PickleObject {
  kind: 'tensor';
  dtype: TensorType;
  /** Entry of the archive, and the size in bytes that it has to have. */
  key: string;
  storageBytes: number;
  offset: number;
  shape: number[];
  strides: number[];
}

interface Named extends PickleObject {
  kind: 'global';
  name: string;
}

const STORAGES: Readonly<Record<string, TensorType>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

const DTYPES: Readonly<Record<string, TensorType>> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint64: 'U64',
  uint32: 'U32',
  uint16: 'U16',
  uint8: 'U8',
  bool: 'BOOL',
};

/** Every name that a state dict may refer to. */
const ALLOWED = new Set([
  'collections.OrderedDict',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor_v3',
  'torch._utils._rebuild_parameter',
  'torch.storage.UntypedStorage',
  ...Object.keys(STORAGES).map((name) => `torch.${name}`),
  ...Object.keys(DTYPES).map((name) => `torch.${name}`),
]);

/** Values of a tensor that repeats those of its storage (`expand`): a made-up shape must not fill the memory. */
const MAX_REPEATED = 1 << 24;

function invalid(why: string): KdError {
  return new KdError('INVALID_DATA', `openPytorch: ${why}`);
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isKind<T extends PickleObject>(value: PickleValue | undefined, kind: T['kind']): value is T & PickleValue {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

/** The last part of a name, as a key of one of the tables. */
function lookUp(table: Readonly<Record<string, TensorType>>, value: PickleValue | undefined): TensorType | undefined {
  const name = isKind<Named>(value, 'global') ? value.name.slice(value.name.lastIndexOf('.') + 1) : '';
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** `('storage', <class>, <key>, <device>, <length>)` */
function storage(id: PickleValue): Storage {
  if (!Array.isArray(id)) throw invalid('a persistent id is no tuple');
  const [word, type, key, , length] = id;
  const untyped = isKind<Named>(type, 'global') && type.name === 'torch.storage.UntypedStorage';
  const dtype = lookUp(STORAGES, type);
  if (word !== 'storage' || typeof key !== 'string' || !isSize(length) || (!dtype && !untyped)) {
    throw invalid('a persistent id does not describe a storage');
  }
  return { kind: 'storage', key, dtype, length };
}

/** `(storage, offset, shape, strides, requires_grad, backward_hooks[, dtype][, metadata])`, dtype in version 3 only */
function tensor(args: readonly PickleValue[], version: 2 | 3): TorchTensor {
  const [from, offset, shape, strides] = args;
  const metadata = args[version === 2 ? 6 : 7];
  if (!isKind<Storage>(from, 'storage') || !isSize(offset) || !Array.isArray(shape) || !Array.isArray(strides)) {
    throw invalid('a tensor is not made of storage, offset, shape and strides');
  }
  const dtype = version === 2 ? from.dtype : lookUp(DTYPES, args[6]);
  if (!dtype) throw invalid('a tensor has no type');
  if (!shape.every(isSize) || !strides.every(isSize) || shape.length !== strides.length) {
    throw invalid('a tensor has no sizes for its shape and strides'); // not printed: they can be anything
  }
  if (metadata instanceof Map && [...metadata.values()].some((value) => value !== false)) {
    throw new KdError(
      'UNSUPPORTED',
      'openPytorch: a tensor is conjugate or negated; call .resolve_neg() before saving',
    );
  }
  const bytes = bytesPerValue(dtype);
  const storageBytes = from.length * (from.dtype ? bytesPerValue(from.dtype) : 1);
  const count = elementCount(shape);
  const last = shape.reduce((place, size, axis) => place + (size - 1) * strides[axis]!, offset);
  const available = Math.floor(storageBytes / bytes);
  if (count === undefined || (count > 0 && !(last < available)) || offset > available) {
    const view = `a tensor of shape [${shape}] and strides [${strides}] from ${offset} on`;
    throw invalid(`${view} does not fit into its storage of ${available} values`);
  }
  if (count > available && count > MAX_REPEATED) {
    const advice = 'call .contiguous() before saving';
    throw new KdError(
      'UNSUPPORTED',
      `openPytorch: a tensor of shape [${shape}] repeats ${available} values; ${advice}`,
    );
  }
  return { kind: 'tensor', dtype, key: from.key, storageBytes, offset, shape, strides };
}

function call(callable: PickleValue, args: readonly PickleValue[]): PickleValue {
  const name = isKind<Named>(callable, 'global') ? callable.name : undefined;
  if (name === 'collections.OrderedDict' && args.length === 0) return new Map();
  if (name === 'torch._utils._rebuild_tensor_v2') return tensor(args, 2);
  if (name === 'torch._utils._rebuild_tensor_v3') return tensor(args, 3);
  if (name === 'torch._utils._rebuild_parameter' && isKind<TorchTensor>(args[0], 'tensor')) return args[0];
  throw invalid(`the pickle calls ${name ?? 'something'} with ${args.length} arguments, which makes no tensor`);
}

/**
 * Reads the pickle of a state dict: names, and tensors as views of storages whose bytes lie elsewhere.
 *
 * @throws {KdError} UNSUPPORTED if it refers to anything else, by name; nothing is ever run
 * @throws {KdError} INVALID_DATA if it is damaged or holds something else
 */
export function readStateDict(bytes: Uint8Array): Map<string, TorchTensor> {
  const value = readPickle(bytes, {
    global(name) {
      if (ALLOWED.has(name)) return { kind: 'global', name } satisfies Named;
      const shown = JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
      throw new KdError(
        'UNSUPPORTED',
        `openPytorch: the file asks Python for ${shown}, which no state dict needs; refused, nothing was run. ` +
          "If you trust it: torch.save(model.state_dict(), 'pytorch_model.bin')",
        { name },
      );
    },
    call,
    persistent: storage,
  });
  if (!(value instanceof Map)) throw invalid('the file holds no dictionary of tensors');
  for (const [name, entry] of value) {
    if (typeof name === 'string' && isKind<TorchTensor>(entry, 'tensor')) continue;
    throw new KdError(
      'UNSUPPORTED',
      `openPytorch: the file holds ${JSON.stringify(name)}, which is no tensor; in Python, save the state dict alone: ` +
        "torch.save(model.state_dict(), 'pytorch_model.bin')",
      { name },
    );
  }
  return value as unknown as Map<string, TorchTensor>;
}
