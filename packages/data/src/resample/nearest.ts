/** Source index of each target index, -1 for none; positions are added up, with the rounding that this brings, as in Pillow. */
function positions(from: number, to: number): Int32Array {
  const step = from / to;
  const table = new Int32Array(to);
  for (let target = 0, position = step * 0.5; target < to; target++, position += step) {
    const index = Math.trunc(position);
    table[target] = index < from ? index : -1;
  }
  return table;
}

/** Pillow's `ImagingScaleAffine`: the pixel under the centre, no antialiasing. */
export function nearest(
  source: Uint8Array,
  [height, width, channels]: readonly [number, number, number],
  [toHeight, toWidth]: readonly [number, number],
): Uint8Array {
  const [rows, columns] = [positions(height, toHeight), positions(width, toWidth)];
  const target = new Uint8Array(toHeight * toWidth * channels);
  for (let y = 0, out = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      const at = (rows[y]! * width + columns[x]!) * channels;
      const inside = rows[y]! >= 0 && columns[x]! >= 0;
      for (let channel = 0; channel < channels; channel++) target[out++] = inside ? source[at + channel]! : 0;
    }
  }
  return target;
}
