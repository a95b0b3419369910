import { joinBytes, type OwnBytes } from './join-bytes.ts';

/**
 * One field of a protobuf message, as it lies in the file, in pieces: large byte arrays are not copied until the message is
 * joined. A message is the fields behind each other.
 */
export type ProtobufField = readonly Uint8Array[];

// How a field's content is coded: the last three bits of its tag.
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const text = new TextEncoder();

/** Seven bits a byte, lowest first; all but the last have the highest bit set. Negative ones as 64-bit two's complement. */
function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

const tag = (field: number, wireType: number): number[] => varint(field * 8 + wireType);

function fixed(field: number, wireType: number, byteLength: number, write: (view: DataView) => void): ProtobufField {
  const content = new Uint8Array(byteLength);
  write(new DataView(content.buffer));
  return [Uint8Array.of(...tag(field, wireType)), content];
}

function delimited(field: number, content: readonly Uint8Array[]): ProtobufField {
  const length = content.reduce((total, part) => total + part.length, 0);
  return [Uint8Array.of(...tag(field, LENGTH_DELIMITED), ...varint(length)), ...content];
}

/** Writers of fields; `field` is the field's number in the message's `.proto`. */
export interface ProtobufFields {
  /** int32, int64, uint32, uint64, bool or enum: a varint. */
  int(field: number, value: number | bigint): ProtobufField;
  /** A packed repeated one of these. */
  ints(field: number, values: readonly (number | bigint)[]): ProtobufField;
  float(field: number, value: number): ProtobufField;
  /** A packed repeated float. */
  floats(field: number, values: readonly number[]): ProtobufField;
  double(field: number, value: number): ProtobufField;
  string(field: number, value: string): ProtobufField;
  bytes(field: number, value: Uint8Array): ProtobufField;
  message(field: number, fields: readonly ProtobufField[]): ProtobufField;
}

/**
 * Fields of protobuf's wire format, for the few messages that kd writes (ONNX models, TensorBoard events). A repeated
 * field that is not packed is written once for each value.
 *
 * Reference: "Encoding", protobuf.dev/programming-guides/encoding
 *
 * @example
 * import { joinProtobuf, protobuf } from '@kd/core';
 * const bytes = joinProtobuf([protobuf.int(1, 150), protobuf.string(2, 'kd')]);
 * console.log(Array.from(bytes).join(' ')); // 8 150 1 18 2 107 100
 */
export const protobuf: ProtobufFields = {
  int: (field, value) => [Uint8Array.of(...tag(field, VARINT), ...varint(value))],
  ints: (field, values) => delimited(field, [Uint8Array.from(values.flatMap(varint))]),
  float: (field, value) => fixed(field, FIXED32, 4, (view) => view.setFloat32(0, value, true)),
  floats(field, values) {
    const view = new DataView(new ArrayBuffer(values.length * 4));
    for (const [i, value] of values.entries()) view.setFloat32(i * 4, value, true);
    return delimited(field, [new Uint8Array(view.buffer)]);
  },
  double: (field, value) => fixed(field, FIXED64, 8, (view) => view.setFloat64(0, value, true)),
  string: (field, value) => delimited(field, [text.encode(value)]),
  bytes: (field, value) => delimited(field, [value]),
  message: (field, fields) => delimited(field, fields.flat()),
};

/** A message's bytes; `protobuf` makes its fields. */
export function joinProtobuf(fields: readonly ProtobufField[]): OwnBytes {
  return joinBytes(fields.flat());
}
