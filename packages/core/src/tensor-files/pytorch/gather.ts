const WORDS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array } as const;

interface View {
  /** In values, as are the strides. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** True if the values lie one after the other in C order. The stride of an axis of size 1 does not matter. */
function isContiguous({ shape, strides }: View): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/**
 * The bytes of a strided view of a storage, in C order.
 *
 * @param view that lies inside its storage
 * @param width bytes per value: 1, 2, 4 or 8
 * @param read gives a part of the storage, in bytes
 */
export async function gather(
  view: View,
  width: number,
  read: (offset: number, length: number) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const { offset, shape, strides } = view;
  const count = shape.reduce((product, size) => product * size, 1);
  if (count === 0) return new Uint8Array(0);
  const span = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 1);
  const bytes = await read(offset * width, span * width);
  if (isContiguous(view)) return bytes;

  const Words = WORDS[width as keyof typeof WORDS];
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  const from = new Words(aligned.buffer as ArrayBuffer, aligned.byteOffset, span) as Uint32Array; // whichever: only copied
  const to = new Words(count) as Uint32Array;
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0, place = 0; i < count; i++) {
    to[i] = from[place]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += strides[axis]!;
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      place -= shape[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return new Uint8Array(to.buffer);
}
