/**
 * Pixels from which on an image is taken for a decompression bomb: where Pillow stops warning and throws, at twice its
 * `MAX_IMAGE_PIXELS`.
 */
export const MAX_PIXELS = 178_956_970;
