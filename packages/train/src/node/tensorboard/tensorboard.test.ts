import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeFields as decode, readScalars, readRecords as records } from '../../testing/read-events.ts';
import { crc32c } from './crc32c.ts';
import { openEventFile } from './event-file.ts';
import { tensorBoard } from './tensor-board.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd events '));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

// Of RFC 3720, B.4.
describe('crc32c', () => {
  it.each([
    ['zeros', new Uint8Array(32), 0x8a9136aa],
    ['ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['rising', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['digits', new TextEncoder().encode('123456789'), 0xe3069283],
  ])('of %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});

describe('openEventFile', () => {
  it('names the format first, and every record has its checks', async () => {
    const events = openEventFile(folder);
    events.scalar('train/loss', 0.5, 3);
    events.histogram('w', [0, 1, 1, -2, Number.NaN], 3);
    events.text('note', 'hello', 0);
    events.close();
    const [first, start, ...rest] = records(await readFile(events.path));
    const version = decode(first!).find(([field]) => field === 3)![1] as Uint8Array;
    expect(new TextDecoder().decode(version)).toBe('brain.Event:2');
    expect(decode(start!).some(([field]) => field === 7)).toBe(true);
    expect(rest).toHaveLength(3);
    expect(readScalars(folder)).toEqual([['train/loss', 3, 0.5]]);
  });

  it('a histogram has the values, but those that are not finite', async () => {
    const events = openEventFile(folder);
    const values = [0, 1e-13, 0.5, 0.5, -3, 1e30, Number.NaN, Infinity];
    events.histogram('w', values, 1);
    events.close();
    const event = decode(records(await readFile(events.path))[2]!);
    const value = new Map(decode(new Map(decode(new Map(event).get(5) as Uint8Array)).get(1) as Uint8Array));
    const fields = decode(value.get(5) as Uint8Array);
    const one = (field: number): number => fields.find(([each]) => each === field)![1] as number;
    expect([one(1), one(2), one(3)]).toEqual([-3, 1e30, 6]);
    expect(one(4)).toBe(0 + 1e-13 + 0.5 + 0.5 - 3 + 1e30);
    const limits = fields.filter(([field]) => field === 6).map(([, limit]) => limit as number);
    const counts = fields.filter(([field]) => field === 7).map(([, count]) => count as number);
    expect(counts).toHaveLength(limits.length);
    for (const bound of [-3, 1e-13, 0.5, 1e30]) {
      const below = values.filter((each) => Number.isFinite(each) && each <= bound).length;
      const bucket = limits.findIndex((limit) => limit > bound);
      expect(counts.slice(0, bucket + 1).reduce((sum, count) => sum + count, 0)).toBe(below);
    }
  });

  it('files opened in one second have names of their own', async () => {
    const files = [openEventFile(folder), openEventFile(folder)];
    for (const file of files) file.close();
    expect(await readdir(folder)).toHaveLength(2);
  });

  it('refuses an image that is no PNG', () => {
    const events = openEventFile(folder);
    expect(() => events.image('sheet', new Uint8Array(30), 0)).toThrow('these bytes are no PNG file');
    events.close();
  });
});

describe('tensorBoard', () => {
  const info = (step: number) => ({ start: { epoch: 0, batch: step, step } }) as never;
  const stepInfo = (step: number, loss: number) => ({ step, loss, learningRate: 0.5 }) as never;

  it("has the mean of the losses since the last point, under Hugging Face's names", async () => {
    const callback = tensorBoard(folder, { loggingSteps: 2 });
    await callback.onTrainBegin!(info(0));
    for (const [i, loss] of [1, 2, 3, 5].entries()) await callback.onStepEnd!(stepInfo(i + 1, loss), {} as never);
    await callback.onEpochEnd!(
      { epoch: 1, step: 4, train_loss: 9, train_accuracy: 0.5, eval_loss: 0.25, is_best: true } as never,
      {} as never,
    );
    await callback.onTrainEnd!({} as never);
    expect(readScalars(folder)).toEqual([
      ['train/loss', 2, 1.5],
      ['train/learning_rate', 2, 0.5],
      ['train/loss', 4, 4],
      ['train/learning_rate', 4, 0.5],
      ['train/epoch', 4, 1],
      ['train/accuracy', 4, 0.5],
      ['eval/loss', 4, 0.25],
    ]);
  });

  it('a resumed run has the mean of the steps before, too, and what was beyond the checkpoint is forgotten', async () => {
    const killed = tensorBoard(folder, { loggingSteps: 3 });
    await killed.onTrainBegin!(info(0));
    for (const [i, loss] of [1, 2, 3, 4].entries()) await killed.onStepEnd!(stepInfo(i + 1, loss), {} as never);
    const checkpoint = killed.state!();
    for (const [i, loss] of [70, 80].entries()) await killed.onStepEnd!(stepInfo(i + 5, loss), {} as never);
    const resumed = tensorBoard(folder, { loggingSteps: 3 });
    resumed.restore!(checkpoint);
    await resumed.onTrainBegin!(info(4));
    for (const [i, loss] of [5, 6].entries()) await resumed.onStepEnd!(stepInfo(i + 5, loss), {} as never);
    expect(readScalars(folder).filter(([tag]) => tag === 'train/loss')).toEqual([
      ['train/loss', 3, 2],
      ['train/loss', 6, 5],
    ]);
  });

  it('a resumed run says from which step on its file counts', async () => {
    const callback = tensorBoard(folder);
    await callback.onTrainBegin!(info(6));
    await callback.onTrainEnd!({} as never);
    const [name] = await readdir(folder);
    const start = decode(records(await readFile(join(folder, name!)))[1]!);
    expect(start.find(([field]) => field === 2)![1]).toBe(7n);
    expect(start.some(([field]) => field === 7)).toBe(true);
  });
});
