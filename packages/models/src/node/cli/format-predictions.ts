import type { Prediction } from '../../predict/top-predictions.ts';

const BAR = 30;
const WIDEST_LABEL = 60;

const cut = (text: string): string => {
  const letters = [...text];
  return letters.length > WIDEST_LABEL ? `${letters.slice(0, WIDEST_LABEL - 1).join('')}…` : text;
};

/** An image's name and a line for each class: label, per cent, and a bar of that share of 30 blocks. */
export function formatPredictions(image: string, predictions: readonly Prediction[]): string {
  const labels = predictions.map(({ label }) => cut(label));
  const width = Math.max(...labels.map((label) => [...label].length));
  const lines = predictions.map(({ score }, i) => {
    const padding = ' '.repeat(width - [...labels[i]!].length);
    const bar = '█'.repeat(Math.round(score * BAR));
    return `  ${labels[i]}${padding}  ${(100 * score).toFixed(2).padStart(6)} %  ${bar}`.trimEnd();
  });
  return [image, ...lines].join('\n');
}
