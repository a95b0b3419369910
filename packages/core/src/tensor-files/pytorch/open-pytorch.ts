import { KdError } from '../../errors.ts';
import { type ByteSource, readExactly } from '../byte-source.ts';
import { findTensor, type TensorFile } from '../tensor-file.ts';
import { bytesPerValue, decodeTensor } from '../tensor-values.ts';
import { gather } from './gather.ts';
import { readStateDict, type TorchTensor } from './state-dict.ts';
import { openZip, type Zip } from './zip.ts';

const CALLER = 'openPytorch';
const MAX_PICKLE_BYTES = 100_000_000;

/** Refuses what is not a zip archive, and says what it is instead. */
async function checkStart(source: ByteSource): Promise<void> {
  const first = await readExactly(CALLER, source, 0, Math.min(4, source.size));
  if (String.fromCharCode(...first) === 'PK\x03\x04') return;
  if (first[0] === 0x80) {
    throw new KdError(
      'UNSUPPORTED',
      `${CALLER}: this file has the format from before PyTorch 1.6. Save it anew in Python: ` +
        "torch.save(torch.load(path, weights_only=True, map_location='cpu'), path)",
    );
  }
  throw new KdError('INVALID_DATA', `${CALLER}: the file starts with bytes [${first}] and not as a zip archive does`);
}

/** The folder in the archive that everything lies in, with its slash. */
async function findRoot(zip: Zip): Promise<string> {
  const pickles = zip.names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1) {
    throw new KdError('INVALID_DATA', `${CALLER}: the archive has ${pickles.length} files data.pkl: not by torch.save`);
  }
  const root = pickles[0]!.slice(0, -'data.pkl'.length);
  if (zip.size(`${root}constants.pkl`) !== undefined) {
    throw new KdError('UNSUPPORTED', `${CALLER}: this is a TorchScript program; save model.state_dict() instead`);
  }
  const order = zip.size(`${root}byteorder`);
  if (order !== undefined && order < 10) {
    const word = String.fromCharCode(...(await zip.read(`${root}byteorder`, 0, order)));
    if (word !== 'little') throw new KdError('UNSUPPORTED', `${CALLER}: the byte order is '${word}'; can read little`);
  }
  return root;
}

/**
 * Opens weights that `torch.save(model.state_dict(), 'pytorch_model.bin')` wrote, for reading one tensor at a time.
 *
 * The file is a zip archive with a pickle, a program that Python would run. Here it is interpreted: only what a state
 * dict consists of is known (ordered dictionaries, tensors, parameters, storages); anything else is refused by name, and
 * nothing is ever run. Tensors may share a storage and have any strides; they come contiguous, in C order. The bytes of
 * a storage are compared with their checksum.
 *
 * @returns tensors in the order of the state dict, no metadata
 * @throws {KdError} INVALID_DATA if the file is damaged
 * @throws {KdError} UNSUPPORTED if the file is from before PyTorch 1.6 (it says how to save it anew), holds something
 *   other than a dictionary of tensors, or a type of values that `TensorType` does not have
 *
 * Reference: `torch/serialization.py`, `torch/_utils.py`; compared with files by torch 1.13, 2.11 and 2.15.
 *
 * @example
 * import { KdError, bytesSource, openPytorch } from '@kd/core';
 * const error = await openPytorch(bytesSource(Uint8Array.of(0x80, 2))).catch((error) => error);
 * console.log(KdError.isInstance(error), error.code); // true UNSUPPORTED
 */
export async function openPytorch(source: ByteSource): Promise<TensorFile> {
  await checkStart(source);
  const zip = await openZip(source);
  const root = await findRoot(zip);
  const pickleBytes = zip.size(`${root}data.pkl`)!;
  if (pickleBytes > MAX_PICKLE_BYTES) {
    throw new KdError('INVALID_DATA', `${CALLER}: data.pkl has ${pickleBytes} bytes; more than ${MAX_PICKLE_BYTES}`);
  }
  const tensors = readStateDict(await zip.read(`${root}data.pkl`, 0, pickleBytes));
  const entryOf = ({ key }: TorchTensor): string => `${root}data/${key}`;
  for (const [name, tensor] of tensors) {
    const size = zip.size(entryOf(tensor));
    if (size === tensor.storageBytes) continue;
    throw new KdError(
      'INVALID_DATA',
      `${CALLER}: '${name}' needs ${tensor.storageBytes} bytes in ${entryOf(tensor)}, which has ${size ?? 'no entry'}`,
      { name },
    );
  }
  return {
    tensors: [...tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
    metadata: {},
    async read(name) {
      const tensor = findTensor(CALLER, tensors, name);
      const bytes = await gather(tensor, bytesPerValue(tensor.dtype), (offset, length) =>
        zip.read(entryOf(tensor), offset, length),
      );
      return decodeTensor(CALLER, { name, dtype: tensor.dtype, shape: tensor.shape }, bytes);
    },
    close: async () => source.close?.(),
  };
}
