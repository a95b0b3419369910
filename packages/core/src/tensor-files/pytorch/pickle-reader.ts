import { KdError } from '../../errors.ts';

/** A pickle that cannot be read on. */
export function invalidPickle(why: string): KdError {
  return new KdError('INVALID_DATA', `openPytorch: the pickle ${why}`);
}

/** The bytes of a pickle, read from front to back. */
export class PickleReader {
  at = 0;
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The place of the next `length` bytes, which are then behind. */
  take(length: number): number {
    if (length > this.bytes.length - this.at) throw invalidPickle(`ends in the middle, at byte ${this.at}`);
    this.at += length;
    return this.at - length;
  }

  uint8(): number {
    return this.bytes[this.take(1)]!;
  }

  text(length: number): string {
    const start = this.take(length);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes.subarray(start, this.at));
    } catch {
      throw invalidPickle(`has a text at byte ${start} that is not UTF-8`);
    }
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw invalidPickle(`ends in the middle, at byte ${this.at}`);
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  size64(): number {
    const size = this.view.getBigUint64(this.take(8), true);
    return size > this.bytes.length ? this.bytes.length : Number(size); // more than there is, either way
  }

  /** Little-endian in two's complement, of any length. */
  long(length: number): number {
    const start = this.take(length);
    if (length > 8) throw invalidPickle(`has an integer of ${length} bytes at byte ${start}`);
    let value = 0n;
    for (let i = 0; i < length; i++) value |= BigInt(this.bytes[start + i]!) << BigInt(8 * i);
    return Number(BigInt.asIntN(8 * length, value));
  }
}
