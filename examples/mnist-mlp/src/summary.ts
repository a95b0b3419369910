import { meanAndInterval } from '@kd/metrics';
import { clock, count, percent, table } from './format.ts';
import type { NetworkKey, NetworkResult, RunResults } from './results.ts';

const KEYS: readonly NetworkKey[] = ['teacher', 'scratch', 'student'];

const find = (networks: readonly NetworkResult[], key: NetworkKey): NetworkResult =>
  networks.find((network) => network.key === key)!;

function oneSeed(networks: readonly NetworkResult[]): string {
  return table([
    ['network', 'test errors', 'accuracy', 'parameters', 'epochs', 'time', 'images/s', 'ms/image'],
    ...networks.map(
      ({ label, test, parameters, history, trainSeconds, imagesPerSecond, inferenceMsPerImage, loaded }) => [
        label,
        count(test.errors),
        percent(test.accuracy),
        count(parameters),
        loaded ? '-' : String(history.length),
        loaded ? '-' : clock(trainSeconds),
        loaded ? '-' : count(imagesPerSecond),
        inferenceMsPerImage.toFixed(3),
      ],
    ),
  ]);
}

function manySeeds({ seeds }: RunResults): string {
  const rows = KEYS.map((key) => {
    const networks = seeds.map((seed) => find(seed.networks, key));
    const { mean, low, high } = meanAndInterval(networks.map(({ test }) => test.errors));
    const accuracy = meanAndInterval(networks.map((network) => network.test.accuracy)).mean;
    const [first] = networks as [NetworkResult];
    const time = meanAndInterval(networks.map(({ trainSeconds }) => trainSeconds)).mean;
    return [
      first.label,
      mean.toFixed(1),
      `${low.toFixed(1)} to ${high.toFixed(1)}`,
      percent(accuracy),
      count(first.parameters),
      clock(time),
    ];
  });
  return table([
    ['network', `test errors, mean of ${seeds.length}`, '95 % interval', 'accuracy', 'parameters', 'time'],
    ...rows,
  ]);
}

/** The table and what may be said of it, as text. */
export function summary(results: RunResults): string {
  const { seeds, config } = results;
  const [first] = seeds as [RunResults['seeds'][number]];
  const lines = [seeds.length === 1 ? oneSeed(first.networks) : manySeeds(results), ''];
  if (config.sanityCheck) lines.push('A sanity check: one batch an epoch. Everything runs; the numbers mean nothing.');
  for (const { seed, comparisons } of config.sanityCheck ? [] : seeds) {
    const prefix = seeds.length > 1 ? `seed ${seed}: ` : '';
    lines.push(...comparisons.map(({ sentence }) => `${prefix}${sentence}`));
  }
  for (const { omitted } of seeds) {
    if (!omitted) continue;
    lines.push(
      `Without digit ${omitted.digit} in its training images the student makes ${omitted.errors} errors, ` +
        `${omitted.errorsOnDigit} of them on that digit; with its bias raised by ${omitted.biasShift}, ` +
        `${omitted.errorsShifted} and ${omitted.errorsOnDigitShifted}.`,
    );
  }
  if (results.dataset.validationIsTest) {
    lines.push(`The '${config.preset}' preset selects on the test images, as the notebook does: its figures flatter.`);
  }
  return lines.join('\n');
}
