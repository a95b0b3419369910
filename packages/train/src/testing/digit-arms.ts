import type { Arm, ArmContext } from '../experiments/arm.ts';
import { predictLogits } from '../loop/predict-logits.ts';
import { train } from '../loop/train.ts';
import { checkpointFolder } from '../node/checkpoint-folder.ts';
import { classification } from '../objectives/classification.ts';
import { digits, network, testDigits } from './digits.ts';

/** `crash scratch 2` in KD_TEST_ARM has that run end its process, `wait …` has it train until it is stopped. */
const [what, who, when] = (process.env.KD_TEST_ARM ?? '').split(' ');

async function run({ settings, seed, outputDir, signal }: ArmContext<{ images: number; labelSmoothing?: number }>) {
  const isMeant = outputDir.includes(who ?? '-') && Number(when) === seed;
  if (isMeant && what === 'crash') {
    process.stderr.write('Error: out of all memory\n');
    process.kill(process.pid, 'SIGKILL');
  }
  const { images, labelSmoothing = 0 } = settings;
  const model = network({ seed });
  await train({
    model,
    objective: classification({ labelSmoothing }),
    train: digits(images, { seed }),
    epochs: isMeant && what === 'wait' ? 100_000 : 2,
    learningRate: 0.01,
    seed,
    checkpoints: checkpointFolder(outputDir),
    resume: true,
    signal,
  });
  return { predictions: await predictLogits(model, testDigits(500)) };
}

export const arms: Record<string, Arm> = {
  'few images': { settings: { images: 64 }, run: run as Arm['run'], command: 'node few.js --seed {seed}' },
  smoothed: { settings: { images: 64, labelSmoothing: 0.1 }, run: run as Arm['run'] },
  'more images': { settings: { images: 1600 }, run: run as Arm['run'] },
};
