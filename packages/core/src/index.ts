export type {
  Batch,
  DataLoader,
  EncodedDataset,
  ImageArray,
  ImageDataset,
  PixelNormalization,
  TeacherImages,
} from './batch.ts';
export { dropoutMask } from './dropout-mask.ts';
export type { KdErrorCode } from './errors.ts';
export { KdError } from './errors.ts';
export type { FingerprintPart } from './fingerprint.ts';
export { fingerprint } from './fingerprint.ts';
export type { OwnBytes } from './join-bytes.ts';
export type { NormalizePixels } from './normalize-pixels.ts';
export { normalizeImages, pixelNormalizer } from './normalize-pixels.ts';
export { philox4x32 } from './philox.ts';
export type { ProtobufField, ProtobufFields } from './protobuf.ts';
export { joinProtobuf, protobuf } from './protobuf.ts';
export type { RandomAddress, RandomSource } from './random.ts';
export { permutation, randomSource } from './random.ts';
export type { StepContext } from './step-context.ts';
export { numericIds } from './step-context.ts';
export { teacherView } from './teacher-view.ts';
export type { ByteSource } from './tensor-files/byte-source.ts';
export { bytesSource } from './tensor-files/byte-source.ts';
export { floatsToHalves, halvesToFloats } from './tensor-files/half-floats.ts';
export { openShards } from './tensor-files/open-shards.ts';
export { openPytorch } from './tensor-files/pytorch/open-pytorch.ts';
export { openSafetensors } from './tensor-files/safetensors/open-safetensors.ts';
export { readSafetensors } from './tensor-files/safetensors/read-safetensors.ts';
export { safetensorsParts } from './tensor-files/safetensors/safetensors-parts.ts';
export type { ShardedTensors, ShardTensorsOptions } from './tensor-files/safetensors/shard-tensors.ts';
export { shardTensors } from './tensor-files/safetensors/shard-tensors.ts';
export { writeSafetensors } from './tensor-files/safetensors/write-safetensors.ts';
export type { NamedTensor, TensorArray, TensorFile, TensorInfo, TensorType } from './tensor-files/tensor-file.ts';
