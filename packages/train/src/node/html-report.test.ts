import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Callback } from '../callbacks/callback.ts';
import { train } from '../loop/train.ts';
import type { TrainOptions } from '../loop/train-options.ts';
import { classification } from '../objectives/classification.ts';
import { distillation } from '../objectives/distillation.ts';
import { formatCount, formatPercent } from '../report/format.ts';
import { cachedTeacher } from '../teachers/cached-teacher.ts';
import { modelTeacher } from '../teachers/model-teacher.ts';
import { classNames, digits, network, testDigits } from '../testing/digits.ts';
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts';
import { htmlReport } from './html-report.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd-html-report-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const headings = (page: string): string[] => [...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading!);

const BASE = { epochs: 2, learningRate: 2e-3, train: digits(320), validation: testDigits(250) };

/** A new run from the same start each time. */
function run(options: Partial<TrainOptions> & Pick<TrainOptions, 'callbacks'>): ReturnType<typeof train> {
  return train({ model: network(), objective: classification(), ...BASE, ...options });
}

async function weights(model: ReturnType<typeof network>): Promise<number[]> {
  const all = await Promise.all(model.getWeights().map((weight) => weight.data()));
  return all.flatMap((values) => [...values]);
}

describe('htmlReport', () => {
  it('tells a distillation while it goes on and when it has ended', async () => {
    const path = join(folder, 'new folder', 'report.html');
    const teacherModel = network({ seed: 9 });
    await train({ model: teacherModel, objective: classification(), ...BASE });
    const teacher = cachedTeacher(modelTeacher(teacherModel));
    const states: string[] = [];
    const watch: Callback = {
      async onTrainBegin() {
        states.push(/Training[^<]*/.exec((await readFile(path, 'utf8')).split('</h1>')[1]!)![0]);
      },
      async onEpochEnd() {
        states.push(/Training: [^<]*? done/.exec(await readFile(path, 'utf8'))![0]);
      },
    };
    const model = network();
    const result = await run({
      model,
      objective: distillation({ teacher, temperature: 4 }),
      callbacks: [htmlReport(path, { title: 'Digits', config: { temperature: 4 } }), watch],
    });
    expect(states).toEqual([
      'Training has begun, for 2 epochs; the first numbers come with its first evaluation.',
      'Training: 1 epoch of 2 done',
      'Training: 2 epochs of 2 done',
    ]);
    const page = await readFile(path, 'utf8');
    expect(headings(page)).toEqual([
      'Learning curves',
      'Accuracy against size and time',
      'Confusion matrix',
      'Teacher, student and truth',
      'Calibration',
      'Worst errors',
      'Where teacher and student disagree',
      'Epoch by epoch',
      'Settings',
    ]);
    expect(page).toContain('Finished after 2 epochs.');
    const accuracy = result.history[1]!.eval_accuracy as number;
    expect(page).toContain(
      `The student is right on ${formatPercent(accuracy)} of 250 validation images, its teacher on `,
    );
    expect(page).toContain(`<td>${formatCount(model.countParams())}</td>`);
    expect(page).toContain(`<td>${formatCount(teacherModel.countParams())}</td>`);
    // Each of the two kinds of images once; in the second epoch nothing is asked.
    expect(teacher.counts.asked).toBe(320 + 250);
  });

  it('changes nothing of the run', async () => {
    const [plain, watched] = [network(), network()];
    const first = await run({ model: plain, callbacks: [] });
    const second = await run({ model: watched, callbacks: [htmlReport(join(folder, 'watched.html'))] });
    expect(await weights(watched)).toEqual(await weights(plain));
    expect(second.history.map(({ train_loss, eval_loss }) => [train_loss, eval_loss])).toEqual(
      first.history.map(({ train_loss, eval_loss }) => [train_loss, eval_loss]),
    );
  });

  it('goes on where a resumed run does, with the epochs before', async () => {
    const path = join(folder, 'resumed.html');
    const checkpoints = memoryCheckpoints();
    await run({ epochs: 1, checkpoints, callbacks: [htmlReport(path)] });
    await run({ epochs: 3, checkpoints, resume: true, callbacks: [htmlReport(path)] });
    const [, numbers] = (await readFile(path, 'utf8')).split('<h2>Epoch by epoch</h2>');
    expect([...numbers!.matchAll(/<th scope="row">(\d+)<\/th>/g)].map(([, epoch]) => epoch)).toEqual(['1', '2', '3']);
  });

  it('shows the answers of the weights that are kept', async () => {
    const path = join(folder, 'kept.html');
    // The rate makes the second epoch a bad one.
    const result = await run({
      epochs: 3,
      selectBest: { metric: 'eval_accuracy', mode: 'max' },
      schedule: { name: 'bad', factor: (step) => (step < 10 ? 1 : 1000) },
      callbacks: [htmlReport(path)],
    });
    expect(result.best!.epoch).toBe(1);
    const page = await readFile(path, 'utf8');
    expect(page).toContain('The weights are those of epoch 1.');
    expect(page).toContain(`The model is right on ${formatPercent(result.best!.value)} of 250`);
  });

  it('says so where a resumed run has no answers of the weights that are kept', async () => {
    const path = join(folder, 'kept before.html');
    const checkpoints = memoryCheckpoints();
    const options = {
      checkpoints,
      selectBest: { metric: 'eval_accuracy', mode: 'max' },
      schedule: { name: 'bad', factor: (step: number) => (step < 10 ? 1 : 1000) },
    } as const;
    await run({ ...options, epochs: 1, callbacks: [] });
    await run({ ...options, epochs: 3, resume: true, callbacks: [htmlReport(path)] });
    expect(await readFile(path, 'utf8')).toContain(
      'The weights are those of epoch 1. Pictures and tables are of epoch 3.',
    );
  });

  it('shows an evaluation inside of an epoch at once', async () => {
    const path = join(folder, 'steps.html');
    const seen: string[] = [];
    const watch: Callback = {
      async onEvaluate() {
        seen.push(/Training: [^<]*? done/.exec(await readFile(path, 'utf8'))![0]);
      },
    };
    await run({ epochs: 1, evalStrategy: 'steps', evalSteps: 4, callbacks: [htmlReport(path), watch] });
    expect(seen.slice(0, 2)).toEqual(['Training: 0.4 epochs of 1 done', 'Training: 0.8 epochs of 1 done']);
  });

  it('does not ask a teacher that would be changed by it', async () => {
    const path = join(folder, 'note.html');
    const teacher = modelTeacher(network({ seed: 9 }), { mode: 'training' });
    await run({ epochs: 1, objective: distillation({ teacher }), callbacks: [htmlReport(path)] });
    const page = await readFile(path, 'utf8');
    expect(page).toContain('The teacher answers differently each time');
    expect(headings(page)).not.toContain('Teacher, student and truth');
  });

  it('says why a teacher could not answer, and goes on', async () => {
    const path = join(folder, 'broken.html');
    const teacher = { ...modelTeacher(network()), logits: () => Promise.reject(new Error('images of 224 are wanted')) };
    await run({ epochs: 1, callbacks: [htmlReport(path, { teacher })] });
    expect(await readFile(path, 'utf8')).toContain(
      'The teacher could not answer for the validation images: images of 224 are wanted',
    );
  });

  it('has what there is without validation', async () => {
    const path = join(folder, 'train only.html');
    await train({
      model: network(),
      objective: classification(),
      train: BASE.train,
      epochs: 1,
      callbacks: [htmlReport(path)],
    });
    expect(headings(await readFile(path, 'utf8'))).toEqual(['Learning curves', 'Epoch by epoch']);
  });

  it('shows digits as they are', async () => {
    const path = join(folder, 'pictures.html');
    await run({ epochs: 1, callbacks: [htmlReport(path, { pictures: 3 })] });
    const page = await readFile(path, 'utf8');
    expect(page.match(/<img class="picture squares"/g)).toHaveLength(3);
    expect(classNames).toHaveLength(10);
  });

  it('refuses a number of pictures that is none', () => {
    expect(() => htmlReport('x.html', { pictures: -1 })).toThrow(
      'htmlReport: pictures must be an integer >= 0, got -1',
    );
  });
});
