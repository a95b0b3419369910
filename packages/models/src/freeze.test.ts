import '@tensorflow/tfjs-backend-cpu';
import { namedVariables } from '@kd/ops';
import { describe, expect, it } from 'vitest';
import { freeze } from './freeze.ts';
import { mlp } from './mlp/mlp.ts';

const make = () => mlp({ hiddenSizes: [4, 3], classNames: ['a', 'b'], batchNorm: true });
const trainable = (model: ReturnType<typeof make>) =>
  namedVariables(model)
    .filter((each) => each.trainable)
    .map(({ name }) => name);

describe('freeze', () => {
  it('freezes what matches, and thaws it', () => {
    const model = make();
    const all = trainable(model);
    expect(freeze(model, [/^fc1\//g, /^bn/])).toHaveLength(6);
    expect(trainable(model)).toEqual(['fc2/kernel', 'fc2/bias', 'logits/kernel', 'logits/bias']);
    freeze(model, /./, false);
    expect(trainable(model)).toEqual(all);
  });

  it('refuses a pattern that matches nothing', () => {
    expect(() => freeze(make(), [/^fc/, /moving_mean/])).toThrow(
      "freeze: /moving_mean/ matches no variable of 'mlp' ('fc1/kernel'",
    );
  });
});
