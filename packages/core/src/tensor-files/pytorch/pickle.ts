import { KdError } from '../../errors.ts';
import { invalidPickle as invalid, PickleReader } from './pickle-reader.ts';

/** What a pickle can hold here: plain values, lists and tuples, dictionaries, and what `PickleWorld` makes. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleObject;

/** Something that is not a plain value; `kind` says what. */
export interface PickleObject {
  readonly kind: string;
}

/** Everything outside of the pickle that it may ask for. Each of them throws at what it does not know. */
export interface PickleWorld {
  /** The class or function of that name. Nothing is ever imported. */
  global(name: string): PickleObject;
  /** What it gives for these arguments. */
  call(callable: PickleValue, args: readonly PickleValue[]): PickleValue;
  /** The object behind an id. */
  persistent(id: PickleValue): PickleValue;
}

/** The values that were made and not yet used, and those that were named to be used again. */
class Stack {
  readonly values: PickleValue[] = [];
  readonly memo = new Map<number, PickleValue>();
  /** How many values there were at each open mark: these are out of reach. */
  readonly marks: number[] = [];

  pop(): PickleValue {
    if (this.values.length <= (this.marks.at(-1) ?? 0)) throw invalid('takes more values than it made');
    return this.values.pop()!;
  }

  mark(): void {
    this.marks.push(this.values.length);
  }

  /** Everything above the last mark. */
  popToMark(): PickleValue[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw invalid('takes more values than it made');
    return this.values.splice(mark);
  }

  top(): PickleValue {
    const value = this.pop();
    this.values.push(value);
    return value;
  }

  recall(index: number): PickleValue {
    const value = this.memo.get(index);
    if (value === undefined) throw invalid(`uses value ${index} before it made it`);
    return value;
  }
}

function textOf(value: PickleValue): string {
  if (typeof value !== 'string') throw invalid('names a class by something that is no text');
  return value;
}

function setItems(target: PickleValue, items: readonly PickleValue[]): void {
  if (!(target instanceof Map) || items.length % 2 !== 0) throw invalid('puts items into what is no dictionary');
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i]!;
    if (typeof key === 'object') throw invalid('has a key that is no plain value');
    if (target.has(key)) throw invalid(`has the key ${JSON.stringify(key)} twice`);
    target.set(key, items[i + 1]!);
  }
}

function append(target: PickleValue, items: readonly PickleValue[]): void {
  if (!Array.isArray(target)) throw invalid('appends to what is no list');
  for (const item of items) target.push(item);
}

type Operation = (stack: Stack, reader: PickleReader, world: PickleWorld) => void;

const push =
  (make: (reader: PickleReader) => PickleValue): Operation =>
  (stack, reader) => {
    stack.values.push(make(reader));
  };

const tuple =
  (length: number): Operation =>
  (stack) => {
    const items = Array.from({ length }, () => stack.pop());
    stack.values.push(items.reverse());
  };

const fold: Operation = (stack) => stack.values.push(stack.popToMark());

/** What each byte of a program does (names as in Python's `pickletools`). Whatever is not here is refused. */
const OPERATIONS: Readonly<Record<number, Operation>> = {
  128: (_, reader) => {
    const protocol = reader.uint8(); // PROTO
    if (protocol < 2 || protocol > 5) throw invalid(`has protocol ${protocol}; can read 2 to 5`);
  },
  149: (_, reader) => void reader.take(8), // FRAME
  78: push(() => null), // NONE
  136: push(() => true), // NEWTRUE
  137: push(() => false), // NEWFALSE
  74: push((reader) => reader.view.getInt32(reader.take(4), true)), // BININT
  75: push((reader) => reader.uint8()), // BININT1
  77: push((reader) => reader.view.getUint16(reader.take(2), true)), // BININT2
  138: push((reader) => reader.long(reader.uint8())), // LONG1
  71: push((reader) => reader.view.getFloat64(reader.take(8))), // BINFLOAT
  140: push((reader) => reader.text(reader.uint8())), // SHORT_BINUNICODE
  88: push((reader) => reader.text(reader.view.getUint32(reader.take(4), true))), // BINUNICODE
  141: push((reader) => reader.text(reader.size64())), // BINUNICODE8
  40: (stack) => stack.mark(), // MARK
  41: push(() => []), // EMPTY_TUPLE
  133: tuple(1), // TUPLE1
  134: tuple(2), // TUPLE2
  135: tuple(3), // TUPLE3
  116: fold, // TUPLE
  93: push(() => []), // EMPTY_LIST
  97: (stack) => {
    const item = stack.pop(); // APPEND
    append(stack.top(), [item]);
  },
  101: (stack) => {
    const items = stack.popToMark(); // APPENDS
    append(stack.top(), items);
  },
  125: push(() => new Map()), // EMPTY_DICT
  115: (stack) => {
    const value = stack.pop(); // SETITEM
    const key = stack.pop();
    setItems(stack.top(), [key, value]);
  },
  117: (stack) => {
    const items = stack.popToMark(); // SETITEMS
    setItems(stack.top(), items);
  },
  113: (stack, reader) => void stack.memo.set(reader.uint8(), stack.top()), // BINPUT
  114: (stack, reader) => void stack.memo.set(reader.view.getUint32(reader.take(4), true), stack.top()), // LONG_BINPUT
  148: (stack) => void stack.memo.set(stack.memo.size, stack.top()), // MEMOIZE
  104: (stack, reader) => stack.values.push(stack.recall(reader.uint8())), // BINGET
  106: (stack, reader) => stack.values.push(stack.recall(reader.view.getUint32(reader.take(4), true))), // LONG_BINGET
  99: (stack, reader, world) => {
    const module = reader.line(); // GLOBAL
    stack.values.push(world.global(`${module}.${reader.line()}`));
  },
  147: (stack, _, world) => {
    const name = textOf(stack.pop()); // STACK_GLOBAL
    stack.values.push(world.global(`${textOf(stack.pop())}.${name}`));
  },
  82: (stack, _, world) => {
    const args = stack.pop(); // REDUCE
    if (!Array.isArray(args)) throw invalid('calls something without a tuple of arguments');
    stack.values.push(world.call(stack.pop(), args));
  },
  81: (stack, _, world) => stack.values.push(world.persistent(stack.pop())), // BINPERSID
  98: (stack) => {
    stack.pop(); // BUILD: attributes of a state dict, such as its `_metadata`; none of them is a value
    if (!(stack.top() instanceof Map)) throw invalid('sets attributes of what is no dictionary');
  },
};

const STOP = 46;

/**
 * Reads a pickle without running anything: an interpreter of the part of the language that state dicts are written in.
 * What it may refer to is up to `world`.
 *
 * @throws {KdError} INVALID_DATA if the program is damaged
 * @throws {KdError} UNSUPPORTED at an operation that no state dict has
 *
 * Reference: CPython's `pickletools.py`.
 */
export function readPickle(bytes: Uint8Array, world: PickleWorld): PickleValue {
  const reader = new PickleReader(bytes);
  const stack = new Stack();
  if (bytes[0] !== 128) throw invalid('does not start with its protocol');
  for (;;) {
    const code = reader.uint8();
    if (code === STOP) break;
    const operation = OPERATIONS[code];
    if (!operation) {
      throw new KdError(
        'UNSUPPORTED',
        `openPytorch: the pickle has operation ${code} at byte ${reader.at - 1}, which no state dict needs; refused`,
        { code },
      );
    }
    operation(stack, reader, world);
  }
  if (stack.marks.length > 0 || stack.values.length !== 1) throw invalid('ends with more or less than one value');
  return stack.values[0]!;
}
