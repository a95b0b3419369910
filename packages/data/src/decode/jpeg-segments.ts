/** A part of a JPEG in front of its pixels. */
export interface JpegSegment {
  /** The byte behind 0xff: 0xc0 begins a frame, 0xe1 is Exif, … */
  marker: number;
  /** Where its content begins, and where the next segment would. The file may end before. */
  start: number;
  end: number;
}

const SCAN = 0xda;

/** The segments of a JPEG up to its first scan, or to where they are damaged. */
export function* jpegSegments(bytes: Uint8Array): Generator<JpegSegment> {
  for (let at = 2; at + 3 < bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff)
      at += 1; // a fill byte
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8))
      at += 2; // without content
    else {
      const end = at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
      yield { marker, start: at + 4, end };
      if (marker === SCAN) return;
      at = end;
    }
  }
}
