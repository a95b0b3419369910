import { KdError } from '../errors.ts';

/** Types of values, by their names in safetensors. */
export type TensorType =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'I64'
  | 'I32'
  | 'I16'
  | 'I8'
  | 'U64'
  | 'U32'
  | 'U16'
  | 'U8'
  | 'BOOL';

/** Arrays that tensors are held in. Always plain numbers, never BigInt. */
export type TensorArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** One named array of a tensor file. */
export interface NamedTensor {
  name: string;
  shape: readonly number[];
  data: TensorArray;
  /**
   * Its type in the file, where that is not the array's own: F16 and BF16 are held in a Float32Array (which has every
   * value of theirs), I64 and U64 in a Float64Array (integers up to 2^53), BOOL in a Uint8Array (0 or 1).
   */
  dtype?: TensorType;
}

/** What a file says about a tensor before its values are read. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: TensorType;
  readonly shape: readonly number[];
}

/** An open file of tensors, of whatever format. Nothing but its table of contents has been read. */
export interface TensorFile {
  readonly tensors: readonly TensorInfo[];
  /** Notes of whoever wrote it, such as `format: 'pt'`. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Reads the values of one tensor: no other is touched, and nothing is kept.
   *
   * @throws {KdError} NOT_FOUND if there is no tensor of that name
   */
  read(name: string): Promise<NamedTensor>;
  /** Lets go of the files. */
  close(): Promise<void>;
}

/** The entry of that name, or an error that says what there is. */
export function findTensor<T>(caller: string, entries: ReadonlyMap<string, T>, name: string): T {
  const found = entries.get(name);
  if (found !== undefined) return found;
  const names = [...entries.keys()].slice(0, 3).map((other) => `'${other}'`);
  throw new KdError('NOT_FOUND', `${caller}: no tensor '${name}' among ${entries.size} (${names}, …)`, { name });
}

/** The number of values of a shape, or `undefined` if it is no exact number. */
export function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (count > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return count;
}
