import { KdError } from '../errors.ts';
import { bfloatsToFloats, floatsToBfloats, floatsToHalves, halvesToFloats } from './half-floats.ts';
import type { NamedTensor, TensorArray, TensorInfo, TensorType } from './tensor-file.ts';

interface ArrayType<T extends ArrayBufferView> {
  readonly BYTES_PER_ELEMENT: number;
  readonly name: string;
  new (buffer: ArrayBufferLike, offset?: number, length?: number): T;
}

interface TypeRules {
  /** The array as it lies in the file. */
  stored: ArrayType<ArrayBufferView>;
  /** The array that holds the values, and the way there and back, where it is another. */
  held?: ArrayType<TensorArray>;
  decode?(stored: never, fail: (why: string) => KdError): TensorArray;
  encode?(held: never, fail: (why: string) => KdError): ArrayBufferView;
}

type Fail = (why: string) => KdError;

function safeIntegers(stored: BigInt64Array | BigUint64Array, fail: Fail): Float64Array {
  const numbers = new Float64Array(stored.length);
  for (let i = 0; i < stored.length; i++) {
    const number = Number(stored[i]);
    if (!Number.isSafeInteger(number)) throw fail(`value ${stored[i]} at ${i} is beyond 2^53`);
    numbers[i] = number;
  }
  return numbers;
}

/** To 64-bit integers of either sign. */
function bigIntegers<T extends BigInt64Array | BigUint64Array>(Type: new (length: number) => T, min: number) {
  return (numbers: Float64Array, fail: Fail): T => {
    const stored = new Type(numbers.length);
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i]!;
      if (!Number.isSafeInteger(number) || number < min) throw fail(`value ${number} at ${i} is no such integer`);
      stored[i] = BigInt(number);
    }
    return stored;
  };
}

function checkedBooleans(values: Uint8Array, fail: Fail): Uint8Array {
  const wrong = values.findIndex((value) => value > 1);
  if (wrong >= 0) throw fail(`value ${values[wrong]} at ${wrong} is neither 0 nor 1`);
  return values;
}

const RULES: Readonly<Record<TensorType, TypeRules>> = {
  F64: { stored: Float64Array },
  F32: { stored: Float32Array },
  F16: { stored: Uint16Array, held: Float32Array, decode: halvesToFloats, encode: floatsToHalves },
  BF16: { stored: Uint16Array, held: Float32Array, decode: bfloatsToFloats, encode: floatsToBfloats },
  I64: {
    stored: BigInt64Array,
    held: Float64Array,
    decode: safeIntegers,
    encode: bigIntegers(BigInt64Array, -(2 ** 53)),
  },
  I32: { stored: Int32Array },
  I16: { stored: Int16Array },
  I8: { stored: Int8Array },
  U64: { stored: BigUint64Array, held: Float64Array, decode: safeIntegers, encode: bigIntegers(BigUint64Array, 0) },
  U32: { stored: Uint32Array },
  U16: { stored: Uint16Array },
  U8: { stored: Uint8Array },
  BOOL: { stored: Uint8Array, held: Uint8Array, decode: checkedBooleans, encode: checkedBooleans },
};

/** Types that are read and written. */
export const TENSOR_TYPES = Object.keys(RULES) as readonly TensorType[];

/** Bytes of one value in a file. */
export function bytesPerValue(dtype: TensorType): number {
  return RULES[dtype].stored.BYTES_PER_ELEMENT;
}

/** An array over the bytes; only bytes that do not lie as the array needs them are copied. */
function arrayOver<T extends ArrayBufferView>(Type: ArrayType<T>, bytes: Uint8Array): T {
  const lies = bytes.byteOffset % Type.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset, byteLength } = lies ? bytes : new Uint8Array(bytes);
  return new Type(buffer, byteOffset, byteLength / Type.BYTES_PER_ELEMENT);
}

/**
 * Values from the bytes of a file, little-endian.
 *
 * @param bytes of this tensor alone, belonging to it from now on
 */
export function decodeTensor(caller: string, { name, dtype, shape }: TensorInfo, bytes: Uint8Array): NamedTensor {
  const { stored, held, decode } = RULES[dtype];
  const array = arrayOver(stored, bytes);
  if (!held) return { name, shape, data: array as TensorArray };
  const fail: Fail = (why) => new KdError('INVALID_DATA', `${caller}: '${name}' of type ${dtype}: ${why}`, { name });
  return { name, shape, data: decode!(array as never, fail), dtype };
}

/** The type that a tensor has in a file. */
export function typeOf(caller: string, { name, data, dtype }: NamedTensor): TensorType {
  const found = dtype ?? TENSOR_TYPES.find((type) => !RULES[type].held && data instanceof RULES[type].stored);
  const rules = found && Object.hasOwn(RULES, found) ? RULES[found] : undefined;
  if (found && rules && data instanceof (rules.held ?? rules.stored)) return found;
  const kind = (data as object | undefined)?.constructor?.name;
  throw new KdError(
    'INVALID_ARGUMENT',
    `${caller}: '${name}' is a ${kind}, which cannot be written${dtype ? ` as ${dtype}` : ''}`,
    {
      name,
      dtype,
    },
  );
}

/** The bytes of a tensor in a file, little-endian: a view of its own values where they are stored as they are. */
export function encodeTensor(caller: string, tensor: NamedTensor): Uint8Array {
  const dtype = typeOf(caller, tensor);
  const fail: Fail = (why) =>
    new KdError('INVALID_ARGUMENT', `${caller}: '${tensor.name}' as ${dtype}: ${why}`, { name: tensor.name });
  const stored = RULES[dtype].encode?.(tensor.data as never, fail) ?? tensor.data;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}
