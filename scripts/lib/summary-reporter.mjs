import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * Writes what `npm test` counts to the file that KD_TEST_SUMMARY names. Vitest's own JSON reporter leaves out
 * why a test was skipped and errors outside of tests.
 */
export default class SummaryReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<import('vitest').SerializedError>} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    const path = process.env.KD_TEST_SUMMARY;
    if (!path) return;
    let passed = 0;
    /** @type {string[]} */
    const failed = unhandled.map((error) => `error outside of any test: ${error.message}`);
    /** @type {string[]} */
    const skipped = [];
    for (const module of modules) {
      const path = relative(process.cwd(), module.moduleId).replaceAll('\\', '/');
      const file = module.project.name === 'browser' ? `${path} in the browser` : path;
      if (module.errors().length > 0) failed.push(`${file} (could not be loaded)`);
      for (const suite of module.children.allSuites()) {
        if (suite.errors().length > 0) failed.push(`${file} > ${suite.fullName} (setup or teardown)`);
      }
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed += 1;
        else if (result.state === 'skipped') skipped.push(result.note ?? `${file} > ${test.fullName}`);
        else failed.push(`${file} > ${test.fullName}`);
      }
    }
    writeFileSync(path, JSON.stringify({ passed, failed, skipped }));
  }
}
