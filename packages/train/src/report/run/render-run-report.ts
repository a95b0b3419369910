import { page } from '../page.ts';
import type { RunReport } from './run-report.ts';
import { comparison } from './sections/baseline.ts';
import { calibration } from './sections/calibration.ts';
import { confusion } from './sections/confusion.ts';
import { headline } from './sections/headline.ts';
import { learningCurves } from './sections/learning-curves.ts';
import { networks } from './sections/networks.ts';
import { numbers } from './sections/numbers.ts';
import { pictures } from './sections/pictures.ts';
import { settings } from './sections/settings.ts';
import { teacherAndTruth } from './sections/teacher-and-truth.ts';

/**
 * A run as one HTML page, complete in itself: it opens from disk, without network and without scripts.
 *
 * @param pictureCount images at most of the worst errors, and of the disagreements
 * @returns the file's text, UTF-8
 */
export async function renderRunReport(report: RunReport, pictureCount: number): Promise<string> {
  return page(report.title, [
    headline(report),
    learningCurves(report),
    networks(report),
    comparison(report),
    confusion(report),
    teacherAndTruth(report),
    calibration(report),
    await pictures(report, pictureCount),
    numbers(report),
    settings(report),
  ]).markup;
}
