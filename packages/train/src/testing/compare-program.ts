/** A program that compares and is then interrupted: started by interrupt.test.ts. */
import { compare } from '../node/experiments/compare.ts';

try {
  await compare({
    arms: new URL('./digit-arms.ts', import.meta.url),
    seeds: [1],
    outputDir: process.argv[2]!,
    processes: 3,
    onProgress: ({ type, arm }) => console.log(`${type} ${arm}`),
  });
} catch (error) {
  console.log((error as Error).message);
  process.exitCode = 3;
}
