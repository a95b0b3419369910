import type { LayersModel } from '@tensorflow/tfjs-layers';

type Fields = Readonly<Record<string, unknown>>;

/** A size as Hugging Face's and our configs have it: one number, [height, width] or { height, width }. */
function sizeOf(value: unknown): [height: number, width: number] | undefined {
  if (typeof value === 'number') return [value, value];
  if (Array.isArray(value)) return value.length === 2 ? [value[0], value[1]] : undefined;
  const { height, width } = (value ?? {}) as Fields;
  return typeof height === 'number' && typeof width === 'number' ? [height, width] : undefined;
}

/**
 * The size of the images that a model is made for, as `@kd/models` notes it in the model's metadata: what its preprocessor
 * makes, or else its config's `imageSize`.
 */
export function imageSizeOf(model: LayersModel): [height: number, width: number] | undefined {
  const { preprocessor, kd } = (model.getUserDefinedMetadata() ?? {}) as { preprocessor?: Fields; kd?: Fields };
  const cropped = preprocessor?.do_center_crop === false ? undefined : sizeOf(preprocessor?.crop_size);
  return cropped ?? sizeOf(preprocessor?.size) ?? sizeOf(kd?.imageSize);
}
