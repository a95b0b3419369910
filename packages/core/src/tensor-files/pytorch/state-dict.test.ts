import { describe, expect, it } from 'vitest';
import { KdError } from '../../errors.ts';
import { readStateDict } from './state-dict.ts';

type Part = string | number;

/** A pickle from bytes and texts. */
function pickle(...parts: Part[]): Uint8Array {
  const bytes = parts.flatMap((part) => (typeof part === 'number' ? part : [...new TextEncoder().encode(part)]));
  return Uint8Array.from([0x80, 2, ...bytes, 0x2e]);
}
const text = (value: string): Part[] => [0x8c, value.length, value];
const global = (name: string): Part[] => ['c', `${name.replace(/\.(?=[^.]*$)/, '\n')}\n`];
const storage = (type: string, length: number): Part[] => {
  return ['(', ...text('storage'), ...global(type), ...text('0'), ...text('cpu'), 'K', length, 'tQ'];
};
const tuple = (...sizes: number[]): Part[] => ['(', ...sizes.flatMap((size) => ['K', size]), 't'];
/** `{'x': _rebuild_tensor_v2(storage of 6 floats, offset, shape, strides, False, OrderedDict()[, …])}` */
const tensor = (offset: Part[], shape: Part[], strides: Part[], more: Part[] = []): Part[] => {
  const rebuild = [...global('torch._utils._rebuild_tensor_v2'), '(', ...storage('torch.FloatStorage', 6), ...offset];
  const rest = [...shape, ...strides, 0x89, ...global('collections.OrderedDict'), ')R', ...more, 'tR'];
  return ['}', ...text('x'), ...rebuild, ...rest, 's'];
};
const zero = ['K', 0];

describe('readStateDict', () => {
  it('reads a tensor as a view of its storage', () => {
    const view = { shape: [2, 2], strides: [3, 1], offset: 1 };
    expect(readStateDict(pickle(...tensor(['K', 1], tuple(2, 2), tuple(3, 1)))).get('x')).toEqual({
      ...{ kind: 'tensor', dtype: 'F32', key: '0', storageBytes: 24 },
      ...view,
    });
  });

  const nested = Array<Part>(10_000).fill(0x85); // a tuple in a tuple in a …
  it.each<[string, Part[], string]>([
    ['a view past the end', tensor(['K', 3], tuple(2, 2), tuple(3, 1)), 'does not fit into its storage of 6 values'],
    ['an offset past the end', tensor(['K', 7], tuple(0), tuple(1)), 'does not fit into its storage of 6 values'],
    ['a negative offset', tensor(['J', 255, 255, 255, 255], tuple(1), tuple(1)), 'is not made of storage, offset'],
    ['a negative stride', tensor(zero, tuple(2), ['(', 'J', 255, 255, 255, 255, 't']), 'has no sizes for its shape'],
    ['too few strides', tensor(zero, tuple(2, 2), tuple(1)), 'has no sizes for its shape'],
    ['a shape of anything', tensor(zero, ['(', ')', ...nested, 't'], tuple(1)), 'has no sizes for its shape'],
    [
      'a shape beyond numbers',
      tensor(
        zero,
        ['(', ...Array(9).fill(['J', 0, 0, 0, 64]).flat(), 't'],
        ['(', ...Array(9).fill(['K', 0]).flat(), 't'],
      ),
      'does not fit',
    ],
    ['a list that holds itself', [']', 'q', 0, 'h', 0, 'a'], 'holds no dictionary of tensors'],
    ['a key that is a list', ['}', ']', 'K', 1, 's'], 'has a key that is no plain value'],
    ['a name twice', ['}', '(', ...text('a'), 'K', 1, ...text('a'), 'K', 2, 'u'], 'has the key "a" twice'],
    ['a number as a tensor', ['}', ...text('a'), 'K', 1, 's'], 'holds "a", which is no tensor'],
    ['a class as a tensor', ['}', ...text('a'), ...global('torch.FloatStorage'), 's'], 'holds "a", which is no tensor'],
    ['no dictionary', ['K', 1], 'holds no dictionary of tensors'],
    ['a call of a type', [...global('torch.FloatStorage'), ')R'], 'calls torch.FloatStorage with 0 arguments'],
    ['an unknown name', global('builtins.eval'), 'asks Python for "builtins.eval", which no state dict needs'],
    ['an unknown name of protocol 4', [...text('os'), ...text('system'), 0x93], 'asks Python for "os.system"'],
    ['a name put together otherwise', global('torch.nn.FloatStorage'), 'asks Python for "torch.nn.FloatStorage"'],
    ['an operation of another time', ['I1\n'], 'the pickle has operation 73 at byte 2'],
    ['an import by number', [0x82, 1], 'the pickle has operation 130 at byte 2'],
    ['a value too few', ['K', 1, 0x86], 'takes more values than it made'],
    ['a value behind a mark', ['}', '(', 's'], 'takes more values than it made'],
    ['a mark too many', ['}('], 'ends with more or less than one value'],
    ['nothing', [], 'ends with more or less than one value'],
    ['a memory of nothing', ['h', 7], 'uses value 7 before it made it'],
    ['a text that is too long', ['X', 255, 255, 255, 127], 'ends in the middle'],
    ['a text that is much too long', [0x8d, 255, 255, 255, 255, 255, 255, 255, 255], 'ends in the middle'],
    ['an integer that is too long', [0x8a, 9, ...Array(9).fill(1)], 'has an integer of 9 bytes'],
    ['a text that is none', [0x8c, 1, 0x80, 0x80], 'ends in the middle'],
  ])('refuses %s', (_, parts, message) => {
    const bytes = pickle(...parts);
    expect(() => readStateDict(bytes)).toThrow(KdError);
    if (message !== 'ends in the middle') expect(() => readStateDict(bytes)).toThrow(message);
  });

  it('refuses a conjugate or negated tensor', () => {
    const flags = ['}', ...text('neg'), 0x88, 's'];
    expect(() => readStateDict(pickle(...tensor(zero, tuple(2), tuple(1), flags)))).toThrow('call .resolve_neg()');
  });

  it('refuses another protocol, and no pickle at all', () => {
    expect(() => readStateDict(Uint8Array.of(0x80, 1, 0x2e))).toThrow('has protocol 1; can read 2 to 5');
    expect(() => readStateDict(new Uint8Array(0))).toThrow('does not start with its protocol');
  });
});
