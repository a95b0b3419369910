import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { joinProtobuf, KdError, type ProtobufField, protobuf } from '@kd/core';
import { histogramFields } from './histogram.ts';
import { type HyperParameters, hparamsValues } from './hparams.ts';
import { tfRecord } from './record.ts';

/** An open event file: what is written is in the file when the call returns. */
export interface EventFile {
  readonly path: string;
  scalar(tag: string, value: number, step: number): void;
  /** @param png the file's bytes; its size is read from them */
  image(tag: string, png: Uint8Array, step: number): void;
  histogram(tag: string, values: ArrayLike<number>, step: number): void;
  /** Markdown. */
  text(tag: string, text: string, step: number): void;
  /** A row of the table of hyper-parameters; `metrics` are tags of scalars, its results. */
  hyperParameters(parameters: HyperParameters, metrics: readonly string[]): void;
  close(): void;
}

export interface EventFileOptions {
  /** A resumed run: TensorBoard forgets what earlier files of the folder say of this step and later ones. @default 0 */
  fromStep?: number;
}

const DT_STRING = 7;
const SESSION_START = 1;
let opened = 0;

function pngSize(png: Uint8Array): { width: number; height: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  if (png.length < 24 || view.getUint32(0) !== 0x89504e47) {
    throw new KdError('INVALID_DATA', 'eventFile: image: these bytes are no PNG file', { length: png.length });
  }
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/**
 * Opens a new TensorBoard event file in a folder.
 *
 * Reference: tensorflow/core/util/event.proto and framework/summary.proto; read back by tensorboard 2.21.
 *
 * @example
 * import { openEventFile } from '@kd/train/node';
 * const events = openEventFile('runs/mnist/logs');
 * events.scalar('train/loss', 0.25, 1);
 * events.close();
 */
export function openEventFile(folder: string, { fromStep = 0 }: EventFileOptions = {}): EventFile {
  mkdirSync(folder, { recursive: true });
  // TensorBoard reads them in the order of their names: with thousandths, as a run may be killed and resumed in one second.
  const time = (Date.now() / 1000).toFixed(3);
  const name = `events.out.tfevents.${time}.${hostname()}.${process.pid}.${opened++}`;
  const path = join(folder, name);
  const file = openSync(path, 'ax');
  let hparams: ReturnType<typeof hparamsValues> | undefined;

  const write = (fields: readonly ProtobufField[]): void => {
    writeSync(file, tfRecord(joinProtobuf([protobuf.double(1, Date.now() / 1000), ...fields])));
  };
  const summary = (step: number, values: readonly ProtobufField[]): void =>
    write([protobuf.int(2, step), protobuf.message(5, values)]);
  const value = (tag: string, ...fields: readonly ProtobufField[]): ProtobufField =>
    protobuf.message(1, [protobuf.string(1, tag), ...fields]);

  write([protobuf.string(3, 'brain.Event:2')]);
  // TensorBoard takes the first of a folder for a start and those that follow for restarts: every file has one.
  write([protobuf.int(2, fromStep), protobuf.message(7, [protobuf.int(1, SESSION_START)])]);
  return {
    path,
    scalar: (tag, number, step) => summary(step, [value(tag, protobuf.float(2, number))]),
    image(tag, png, step) {
      const { width, height } = pngSize(png);
      const fields = [protobuf.int(1, height), protobuf.int(2, width), protobuf.int(3, 3), protobuf.bytes(4, png)];
      summary(step, [value(tag, protobuf.message(4, fields))]);
    },
    histogram: (tag, values, step) => summary(step, [value(tag, protobuf.message(5, histogramFields(values)))]),
    text(tag, text, step) {
      const shape = protobuf.message(2, [protobuf.message(2, [protobuf.int(1, 1)])]);
      const tensor = protobuf.message(8, [protobuf.int(1, DT_STRING), shape, protobuf.string(8, text)]);
      const plugin = protobuf.message(9, [protobuf.message(1, [protobuf.string(1, 'text')])]);
      summary(step, [value(tag, tensor, plugin)]);
    },
    hyperParameters(parameters, metrics) {
      hparams = hparamsValues(parameters, metrics, Date.now() / 1000);
      for (const each of hparams.start) summary(0, [each]);
    },
    close() {
      if (hparams) for (const each of hparams.end(Date.now() / 1000)) summary(0, [each]);
      closeSync(file);
    },
  };
}
