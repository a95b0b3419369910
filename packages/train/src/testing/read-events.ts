import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c } from '../node/tensorboard/crc32c.ts';

type Field = [number, number | bigint | Uint8Array];

/** The fields of a protobuf message, whatever they mean. */
export function decodeFields(bytes: Uint8Array): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = tag >> 3;
    if ((tag & 7) === 0) fields.push([field, varint()]);
    else if ((tag & 7) === 1) {
      fields.push([field, view.getFloat64(at, true)]);
      at += 8;
    } else if ((tag & 7) === 5) {
      fields.push([field, view.getFloat32(at, true)]);
      at += 4;
    } else {
      const length = Number(varint());
      fields.push([field, bytes.subarray(at, at + length)]);
      at += length;
    }
  }
  return fields;
}

function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

/** The records of an event file, their checks compared. What was not written to its end is left out, as TensorBoard does. */
export function readRecords(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const check = (part: Uint8Array, at: number): void => {
    if (unmask(view.getUint32(at, true)) !== crc32c(part)) throw new Error(`the check at ${at} is wrong`);
  };
  const found: Uint8Array[] = [];
  for (let at = 0; at + 12 <= bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    check(bytes.subarray(at, at + 8), at + 8);
    if (at + 16 + length > bytes.length) break;
    const data = bytes.subarray(at + 12, at + 12 + length);
    check(data, at + 12 + length);
    found.push(data);
    at += 16 + length;
  }
  return found;
}

const EVENT = { step: 2, summary: 5, sessionLog: 7 };
const fieldOf = (fields: readonly Field[], wanted: number): Field[1] | undefined =>
  fields.find(([field]) => field === wanted)?.[1];

/**
 * Scalars of all event files of a folder, as TensorBoard shows them: where a file begins, what files before it have of
 * that step and later ones is forgotten.
 */
export function readScalars(folder: string): [tag: string, step: number, value: number][] {
  let found: [string, number, number][] = [];
  for (const name of readdirSync(folder).sort()) {
    for (const record of readRecords(readFileSync(join(folder, name)))) {
      const event = decodeFields(record);
      const step = Number(fieldOf(event, EVENT.step) ?? 0);
      if (fieldOf(event, EVENT.sessionLog)) found = found.filter(([, before]) => before < step);
      const summary = fieldOf(event, EVENT.summary) as Uint8Array | undefined;
      for (const [, value] of decodeFields(summary ?? new Uint8Array())) {
        const [tag, number] = [1, 2].map((field) => fieldOf(decodeFields(value as Uint8Array), field));
        if (number !== undefined) found.push([new TextDecoder().decode(tag as Uint8Array), step, number as number]);
      }
    }
  }
  return found;
}
