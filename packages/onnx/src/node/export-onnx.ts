import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomic } from '@kd/core/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type ToOnnxOptions, toOnnx } from '../export/to-onnx.ts';

/**
 * Writes a model as an ONNX file, as `toOnnx` has it. In `onnx/model.onnx` of a folder with `config.json` and
 * `preprocessor_config.json` it is what transformers.js' `pipeline('image-classification', folder)` loads.
 *
 * @param file its folder is made if it is missing
 * @throws {KdError} what `toOnnx` throws
 *
 * @example
 * import { exportOnnx } from '@kd/onnx/node';
 * import { mlp } from '@kd/models';
 * import { stat } from 'node:fs/promises';
 * const student = mlp({ hiddenSizes: [16], classNames: ['zero', 'one'], seed: 1 });
 * await exportOnnx(student, 'student/onnx/model.onnx');
 * console.log((await stat('student/onnx/model.onnx')).size > 4 * student.countParams()); // true
 */
export async function exportOnnx(model: LayersModel, file: string, options: ToOnnxOptions = {}): Promise<void> {
  const bytes = await toOnnx(model, options);
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomic(file, bytes);
}
