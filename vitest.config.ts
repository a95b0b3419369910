import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@kd/source'] },
  ssr: { resolve: { conditions: ['@kd/source'] } },
  test: {
    include: ['{packages,examples,benchmarks}/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
    testTimeout: 60_000,
  },
});
