import { describe, expect, it } from 'vitest';
import { CONFIGS } from './config.ts';
import { parseCommand } from './options.ts';

const run = (...args: string[]) => {
  const command = parseCommand(args, '/home/a b');
  if (command.kind !== 'run') throw new Error(command.kind);
  return command;
};

describe('parseCommand', () => {
  it('runs the quick preset by itself', () => {
    expect(run()).toEqual({ kind: 'run', config: CONFIGS.quick, out: undefined });
  });

  it('takes every option of the help', () => {
    const { config, out } = run(
      ...'--preset corrected --epochs 7 --batch-size 32 --learning-rate 0.01 --temperature 4 --soft-weight 0.5'.split(
        ' ',
      ),
      ...'--seed 9 --seeds 3 --omit-digit 3 --teacher t --dataset /data --engine tfjs --sanity-check --out o'.split(
        ' ',
      ),
    );
    expect(config).toMatchObject({
      preset: 'corrected',
      batchSize: 32,
      learningRate: 0.01,
      temperature: 4,
      softWeight: 0.5,
    });
    expect(config).toMatchObject({
      hardWeight: 0.5,
      seed: 9,
      seeds: 3,
      omitDigit: 3,
      dataset: '/data',
      engine: 'tfjs',
      sanityCheck: true,
    });
    expect(config).toMatchObject({ teacherFolder: '/home/a b/t', teacher: { epochs: 7 }, student: { epochs: 7 } });
    expect(out).toBe('/home/a b/o');
    expect(CONFIGS.corrected.seed).toBe(42); // presets stay as they are
  });

  it('knows the other commands', () => {
    expect(parseCommand(['--help'], '/')).toEqual({ kind: 'help' });
    expect(parseCommand(['--resume', 'r'], '/x')).toEqual({ kind: 'resume', folder: '/x/r' });
    expect(parseCommand(['predict', 'm', 'i.png'], '/x')).toEqual({
      kind: 'predict',
      model: '/x/m',
      image: '/x/i.png',
    });
  });

  it.each([
    [['--epochs', '0'], '--epochs must be a whole number >= 1'],
    [['--epochs', '1.5'], '--epochs must be a whole number >= 1'],
    [['--batch-size', '1'], '--batch-size must be a whole number >= 2'],
    [['--learning-rate', 'fast'], "--learning-rate must be a number > 0, got 'fast'"],
    [['--soft-weight', '2'], '--soft-weight must be in [0, 1]'],
    [['--engine', 'torch'], "--engine must be one of auto, onnx, tfjs, got 'torch'"],
    [['--omit-digit', '10'], '--omit-digit must be a digit from 0 to 9'],
    [['--seed', '-1'], '--seed'],
    [['--resume', 'r', '--epochs', '3'], 'leave out --epochs'],
    [['predict', 'm'], 'predict takes a model folder and an image file'],
    [['train'], "'train' is not a command"],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommand(args, '/')).toThrow(message);
  });

  it("has the published notebook's numbers", () => {
    const { softWeight, hardWeight, temperature, teacher, student, batchSize } = CONFIGS['as-published'];
    expect(softWeight).toBeCloseTo(800.7, 10);
    expect({ hardWeight: Number(hardWeight.toFixed(10)), temperature, batchSize }).toEqual({
      hardWeight: 0.3,
      temperature: 20,
      batchSize: 64,
    });
    expect([teacher.dropout, teacher.epochs, student.epochs, student.dropout]).toEqual([0.8, 30, 100, 0]);
  });
});
