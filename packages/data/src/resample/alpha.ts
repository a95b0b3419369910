/** Colours times alpha, as Pillow's RGBa: an invisible pixel then adds nothing to its neighbours. */
export function premultiply(pixels: Uint8Array): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      const product = pixels[i + channel]! * alpha + 128;
      out[i + channel] = ((product >> 8) + product) >> 8; // product / 255, rounded
    }
    out[i + 3] = alpha;
  }
  return out;
}

/** Back from RGBa to RGBA, rounded down as Pillow does. In place. */
export function unpremultiply(pixels: Uint8Array): Uint8Array {
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3]!;
    if (alpha === 255 || alpha === 0) continue;
    for (let channel = 0; channel < 3; channel++) {
      pixels[i + channel] = Math.min(255, Math.trunc((255 * pixels[i + channel]!) / alpha));
    }
  }
  return pixels;
}
