import { writeFileAtomic } from '@kd/core/node';
import type { Callback } from '../callbacks/callback.ts';
import { collectRunReport, type RunReportOptions } from '../report/run/collect-run-report.ts';

export type HtmlReportOptions = RunReportOptions;

/**
 * Writes a run as one HTML file, anew after each epoch and each evaluation: a reload shows the run while it trains. The file
 * is complete in itself; it opens from disk, without network and without scripts.
 *
 * It has curves of losses, accuracies and learning rate; accuracy against size and time; the confusion matrix; a
 * reliability diagram; where teacher, student and labels part; the worst errors and the surest contradictions as pictures;
 * the comparison with a baseline; settings, time and memory. What there is no data for is left out. Answers and pictures
 * are those of the weights that `selectBest` keeps, else of the last evaluation.
 *
 * The student's answers are those of the validation pass: it runs no second one. The teacher is asked once about the
 * validation images, and not at all if it answers differently each time. The first batches of the validation are run once
 * more for the time that an image takes; the pictures shown are read again. Writing the page takes some tenths of a second for
 * 10 000 images in 10 classes, a few seconds for as many in 200 classes.
 *
 * @param path of the file, made with its folders; replaced as a whole, so that a reader never sees a part
 * @throws {KdError} INVALID_ARGUMENT if `pictures` is not an integer >= 0
 *
 * @example
 * import { htmlReport } from '@kd/train/node';
 * const callback = htmlReport('runs/beans/report.html', { title: 'Beans', config: { temperature: 5 } });
 * console.log(typeof callback.onEpochEnd); // function
 */
export function htmlReport(path: string, options: HtmlReportOptions = {}): Callback {
  const collector = collectRunReport(options, () => process.resourceUsage().maxRSS * 1024);
  const write = async (): Promise<void> => writeFileAtomic(path, await collector.render());
  return {
    async onTrainBegin(info) {
      await collector.onTrainBegin(info);
      await write(); // a path that cannot be written to shows now, not after an epoch
    },
    onStepEnd: collector.onStepEnd,
    onPredictions: collector.onPredictions,
    async onEvaluate(result, info, control) {
      await collector.onEvaluate(result, info, control);
      if (!Number.isInteger(info.epoch)) await write(); // else the epoch's end is next
    },
    async onEpochEnd(metrics) {
      collector.onEpochEnd(metrics);
      await write();
    },
    async onTrainEnd(result) {
      collector.onTrainEnd(result);
      await write();
    },
  };
}
