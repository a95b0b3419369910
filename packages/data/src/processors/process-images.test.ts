import { expect, it } from 'vitest';
import { pillowNoise } from '../testing/pillow-noise.ts';
import { createProcessor } from './create-processor.ts';
import { processImages } from './process-images.ts';

const processor = createProcessor({ image_processor_type: 'MobileNetV2ImageProcessor', size: 20, crop_size: [12, 16] });
const images = [pillowNoise([30, 40, 3], 1), pillowNoise([12, 16, 3], 2), pillowNoise([9, 70, 3], 3)];

it.each(['float32', 'uint8'] as const)(
  'puts what the processor makes of each image one behind the other, as %s',
  (output) => {
    const { data, shape } = processImages(images, processor, { output });
    expect(shape).toEqual([3, 12, 16, 3]);
    expect(data).toBeInstanceOf(output === 'uint8' ? Uint8Array : Float32Array);
    for (const [index, image] of images.entries()) {
      const alone = output === 'uint8' ? processor.resize(image) : processor.process(image);
      expect(data.slice(index * 576, (index + 1) * 576)).toEqual(alone.data);
    }
  },
);

it('names the image that cannot be processed', () => {
  const gray = { data: new Uint8Array(4), shape: [2, 2, 1] };
  expect(() => processImages([images[0]!, gray], processor)).toThrow(
    /^processImages: image 1: processor.resize: the image/,
  );
});

it('refuses no images and other outputs', () => {
  expect(() => processImages([], processor)).toThrow('processImages: there are no images');
  expect(() => processImages(images, processor, { output: 'int8' as 'uint8' })).toThrow("processImages: output 'int8'");
});
