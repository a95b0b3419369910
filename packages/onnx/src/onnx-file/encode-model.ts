import { joinProtobuf, KdError, type OwnBytes, type ProtobufField, protobuf } from '@kd/core';
import type { Attribute } from '../lower/lowering.ts';
import {
  ELEMENT_TYPES,
  elementType,
  type OnnxConstant,
  type OnnxModel,
  type OnnxNode,
  type OnnxPort,
} from './onnx-model.ts';

// Numbers of fields and of attribute types are those of onnx.proto.
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const FLOATS = 6;
const INTS = 7;

const IR_VERSION = 8;
const OPSET = 17;

/** Protobuf's readers take no message of 2 GiB. */
const LARGEST = 2 ** 31 - 1;

function attributeValue(value: Attribute): ProtobufField[] {
  const type = (number: number) => protobuf.int(20, number);
  if (typeof value === 'number') return [protobuf.int(3, value), type(INT)];
  if (typeof value === 'string') return [protobuf.string(4, value), type(STRING)];
  if (!('float' in value)) return [...value.map((each) => protobuf.int(8, each)), type(INTS)];
  if (typeof value.float === 'number') return [protobuf.float(2, value.float), type(FLOAT)];
  return [...value.float.map((each) => protobuf.float(7, each)), type(FLOATS)];
}

const nodeMessage = ({ op, domain, ins, outs, attributes, label }: OnnxNode): ProtobufField[] => [
  ...ins.map((name) => protobuf.string(1, name)),
  ...outs.map((name) => protobuf.string(2, name)),
  protobuf.string(3, label),
  protobuf.string(4, op),
  ...Object.entries(attributes).map(([name, value]) =>
    protobuf.message(5, [protobuf.string(1, name), ...attributeValue(value)]),
  ),
  ...(domain ? [protobuf.string(7, domain)] : []),
];

const constantMessage = ({ name, shape, data }: OnnxConstant): ProtobufField[] => [
  ...shape.map((size) => protobuf.int(1, size)),
  protobuf.int(2, ELEMENT_TYPES[elementType(data)]),
  protobuf.string(8, name),
  protobuf.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
];

function portMessage({ name, shape, type, isSequence }: OnnxPort): ProtobufField[] {
  const sizes = shape.map((size) =>
    protobuf.message(1, [typeof size === 'number' ? protobuf.int(1, size) : protobuf.string(2, size)]),
  );
  const tensor = protobuf.message(1, [protobuf.int(1, ELEMENT_TYPES[type]), protobuf.message(2, sizes)]);
  const typed = isSequence ? protobuf.message(4, [protobuf.message(1, [tensor])]) : tensor;
  return [protobuf.string(1, name), protobuf.message(2, [typed])];
}

/**
 * A model as the bytes of an `.onnx` file (`ModelProto`, opset 17, ir_version 8). Equal models give equal bytes.
 *
 * @throws {KdError} UNSUPPORTED from 2 GiB on, which protobuf cannot hold
 *
 * Reference: onnx.proto of ONNX 1.13; the files are read by onnxruntime.
 */
export function encodeModel({ nodes, constants, inputs, outputs }: OnnxModel): OwnBytes {
  const weights = constants.reduce((total, { data }) => total + data.byteLength, 0);
  if (weights > LARGEST) {
    const message = `encodeModel: ${weights} bytes of constants, and an ONNX file holds at most ${LARGEST}; pass large tensors as inputs`;
    throw new KdError('UNSUPPORTED', message, { weights, largest: LARGEST });
  }
  const domains = ['', ...new Set(nodes.map((node) => node.domain))].filter((each, i, all) => all.indexOf(each) === i);
  return joinProtobuf([
    protobuf.int(1, IR_VERSION),
    protobuf.string(2, 'kd'),
    protobuf.message(7, [
      ...nodes.map((node) => protobuf.message(1, nodeMessage(node))),
      protobuf.string(2, 'graph'),
      ...constants.map((constant) => protobuf.message(5, constantMessage(constant))),
      ...inputs.map((port) => protobuf.message(11, portMessage(port))),
      ...outputs.map((port) => protobuf.message(12, portMessage(port))),
    ]),
    ...domains.map((domain) => protobuf.message(8, [protobuf.string(1, domain), protobuf.int(2, domain ? 1 : OPSET)])),
  ]);
}
