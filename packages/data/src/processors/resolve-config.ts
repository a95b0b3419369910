import { KdError } from '@kd/core';
import { CLASSES, type ProcessorClass } from './classes.ts';
import { filterNumber, flag, type ProcessorConfig, perChannel, positive, type Size, sizeOf } from './settings.ts';

/** All that decides about pixels, with every default filled in. */
export interface ResolvedConfig {
  image_processor_type: string;
  do_resize: boolean;
  size: Size;
  resample: number;
  do_center_crop?: boolean;
  crop_size?: { height: number; width: number };
  crop_pct?: number;
  do_rescale: boolean;
  rescale_factor: number;
  do_normalize: boolean;
  image_mean: number[];
  image_std: number[];
}

/** Steps that a configuration may ask for and that change no pixels here: RGB comes from the decoder, labels are not images. */
const HARMLESS_STEPS = new Set(['do_convert_rgb', 'do_reduce_labels']);

/** Settings of other classes, with the value at which they do nothing. */
const OTHER_SETTINGS: Readonly<Record<string, unknown>> = {
  crop_pct: undefined,
  use_square_size: false,
  rescale_offset: false,
  include_top: false,
  max_size: undefined,
  size_divisor: undefined,
};

function classOf(config: ProcessorConfig): [string, ProcessorClass] {
  const { image_processor_type: newType, feature_extractor_type: oldType } = config;
  const type = newType ?? oldType;
  if (type === undefined || type === null) {
    throw new KdError(
      'INVALID_ARGUMENT',
      'createProcessor: the configuration names no image_processor_type; add one of ' +
        `${Object.keys(CLASSES).join(', ')}, or use loadProcessor, which looks at the model's config.json`,
    );
  }
  // Fast classes do the same with torchvision, whose pixels differ by at most 1.
  const name = String(type)
    .replace(/Fast$/, '')
    .replace(/FeatureExtractor$/, 'ImageProcessor');
  const found = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  if (found) return [name, found];
  throw new KdError(
    'UNSUPPORTED',
    `createProcessor: image_processor_type '${type}' is none of ${Object.keys(CLASSES).join(', ')}`,
    { type },
  );
}

/** Refuses what would change pixels but is not done: better no image than another one than in Python. */
function checkOthers(config: ProcessorConfig, name: string, known: ReadonlySet<string>): void {
  for (const [key, value] of Object.entries(config)) {
    if (known.has(key) || value === null || value === undefined) continue;
    const step = key.startsWith('do_') && !HARMLESS_STEPS.has(key) && value !== false;
    const setting = Object.hasOwn(OTHER_SETTINGS, key) && value !== OTHER_SETTINGS[key];
    if (!step && !setting) continue;
    throw new KdError(
      'UNSUPPORTED',
      `createProcessor: ${key} is ${JSON.stringify(value)}, which ${name} does not do here; ` +
        'remove it from the configuration if the model does not need it',
      { [key]: value },
    );
  }
}

/** The configuration in today's form, all defaults of the class filled in. */
export function resolveConfig(config: ProcessorConfig): ResolvedConfig {
  const [name, { size, integerSize, sizes, resample, crop, cropFraction, mean, std }] = classOf(config);
  const resolved: ResolvedConfig = {
    image_processor_type: name,
    do_resize: flag(config, 'do_resize', true),
    size: sizeOf(config, 'size', size, integerSize),
    resample: filterNumber(config, resample),
    do_rescale: flag(config, 'do_rescale', true),
    rescale_factor: positive(config, 'rescale_factor', 1 / 255),
    do_normalize: flag(config, 'do_normalize', true),
    image_mean: perChannel(config, 'image_mean', mean),
    image_std: perChannel(config, 'image_std', std),
  };
  if (resolved.image_mean.length !== resolved.image_std.length) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `createProcessor: image_mean has ${resolved.image_mean.length} numbers and image_std ${resolved.image_std.length}, ` +
        'expected one each for every channel',
    );
  }
  const form = 'shortest_edge' in resolved.size ? 'shortest' : 'exact';
  if (!sizes.includes(form)) {
    const expected = form === 'exact' ? '{ shortest_edge }' : '{ height, width }';
    throw new KdError(
      'INVALID_ARGUMENT',
      `createProcessor: size is ${JSON.stringify(resolved.size)}, but ${name} takes ${expected}`,
      { size: resolved.size },
    );
  }
  if (crop !== undefined) {
    resolved.do_center_crop = flag(config, 'do_center_crop', true);
    const square = { height: crop, width: crop };
    resolved.crop_size = sizeOf(config, 'crop_size', square, 'square') as { height: number; width: number };
    if (!('height' in resolved.crop_size)) {
      throw new KdError(
        'INVALID_ARGUMENT',
        `createProcessor: crop_size is ${JSON.stringify(resolved.crop_size)}, expected an integer or { height, width }`,
        { crop_size: resolved.crop_size },
      );
    }
  }
  if (cropFraction !== undefined) resolved.crop_pct = positive(config, 'crop_pct', cropFraction);
  checkOthers(config, name, new Set(Object.keys(resolved)));
  return resolved;
}
