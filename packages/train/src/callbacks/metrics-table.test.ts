import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/training-arguments.json' with { type: 'json' };
import type { TrainInfo } from './callback.ts';
import { type MetricsTableOptions, metricsTable } from './metrics-table.ts';

const LOGS = fixture.logs;

function lines(logs: readonly object[], options: Partial<MetricsTableOptions> = {}, info: Partial<TrainInfo> = {}) {
  const written: string[] = [];
  const table = metricsTable({ write: (line) => written.push(line), ...options });
  void table.onTrainBegin?.({ validation: {}, logHistory: [], ...info } as TrainInfo);
  for (const entry of logs) void table.onLog?.(entry as never);
  return { written, table };
}

describe('metricsTable', () => {
  it('has a row for each evaluation, with the loss of the last log', () => {
    expect(lines(LOGS).written).toEqual([
      'Epoch  Training Loss  Validation Loss  Accuracy  Macro F1',
      '    1         No log         0.912346  0.500000  0.250000',
      '    2       1.250000         0.750000  0.625000  0.333333',
    ]);
  });

  it('has the cells that the Trainer shows in a notebook', () => {
    const cells = lines(LOGS).written.map((line) => line.trim().split(/ {2,}/));
    expect(cells.flat()).toEqual(fixture.table);
  });

  it('counts steps, for evaluations within epochs', () => {
    expect(lines(LOGS, { first: 'Step' }).written.map((line) => line.slice(0, 4))).toEqual(['Step', ' 130', ' 260']);
  });

  it('is a table of Markdown at the end', () => {
    expect(lines(LOGS).table.markdown()).toBe(
      [
        '| Epoch | Training Loss | Validation Loss | Accuracy | Macro F1 |',
        '| ---: | ---: | ---: | ---: | ---: |',
        '| 1 | No log | 0.912346 | 0.500000 | 0.250000 |',
        '| 2 | 1.250000 | 0.750000 | 0.625000 | 0.333333 |',
      ].join('\n'),
    );
  });

  it('has a row for each log where nothing is evaluated', () => {
    const none = { validation: undefined } as unknown as Partial<TrainInfo>;
    expect(lines(LOGS.slice(1, 2), { first: 'Step' }, none).written).toEqual([
      'Step  Training Loss',
      ' 200       1.250000',
    ]);
  });

  it('goes on with the loss that a resumed run had', () => {
    const { written } = lines(LOGS.slice(2), {}, { logHistory: [{ epoch: 1.5, step: 200, loss: 1.25 }] });
    expect(written[1]).toContain('1.250000');
  });

  it('wants to write somewhere', () => {
    expect(() => metricsTable({} as never)).toThrow('metricsTable: write must be a function of a line, got undefined');
  });
});
