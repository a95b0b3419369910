import { type ProtobufField, protobuf } from '@kd/core';

/** What a run was started with, flat. */
export type HyperParameters = Readonly<Record<string, string | number | boolean>>;

const PLUGIN = 'hparams';
const SUCCESS = 1; // Status.STATUS_SUCCESS of api.proto

/** google.protobuf.Value */
const valueField = (field: number, value: string | number | boolean): ProtobufField =>
  protobuf.message(field, [
    typeof value === 'number'
      ? protobuf.double(2, value)
      : typeof value === 'string'
        ? protobuf.string(3, value)
        : protobuf.int(4, value ? 1 : 0),
  ]);

/** A Summary.Value that carries a message of the hparams plugin in its metadata. */
function pluginValue(tag: string, content: ProtobufField): ProtobufField {
  const data = protobuf.message(2, [protobuf.int(1, 0), content]); // HParamsPluginData, version 0
  const plugin = protobuf.message(1, [protobuf.string(1, PLUGIN), data]);
  return protobuf.message(1, [protobuf.string(1, tag), protobuf.message(9, [plugin])]);
}

/**
 * The values of the summaries that make a run a row of TensorBoard's table of hyper-parameters.
 *
 * @param metrics tags of scalars that are the table's results
 *
 * Reference: tensorboard/plugins/hparams/plugin_data.proto and api.proto
 */
export function hparamsValues(
  parameters: HyperParameters,
  metrics: readonly string[],
  time: number,
): { start: ProtobufField[]; end: (time: number) => ProtobufField[] } {
  const info = (name: string): ProtobufField => protobuf.message(4, [protobuf.string(1, name)]);
  const metric = (tag: string): ProtobufField => protobuf.message(5, [protobuf.message(1, [protobuf.string(2, tag)])]);
  const entry = ([name, value]: [string, string | number | boolean]): ProtobufField =>
    protobuf.message(1, [protobuf.string(1, name), valueField(2, value)]);
  const experiment = protobuf.message(2, [
    protobuf.double(3, time),
    ...Object.keys(parameters).map(info),
    ...metrics.map(metric),
  ]);
  const session = protobuf.message(3, [...Object.entries(parameters).map(entry), protobuf.double(5, time)]);
  return {
    start: [pluginValue('_hparams_/experiment', experiment), pluginValue('_hparams_/session_start_info', session)],
    end: (ended) => [
      pluginValue(
        '_hparams_/session_end_info',
        protobuf.message(4, [protobuf.int(1, SUCCESS), protobuf.double(2, ended)]),
      ),
    ],
  };
}
