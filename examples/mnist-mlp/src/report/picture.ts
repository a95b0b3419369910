import { type Html, picture } from '@kd/train/report';
import type { Picture, RunResults } from '../results.ts';

/** An image of the data set inside the page. */
export function imageOf(
  { pixels }: Picture,
  { width, height }: RunResults['dataset'],
  alt: string,
  zoom?: number,
): Promise<Html> {
  return picture({ data: pixels, width, height, channels: 1 }, alt, zoom);
}
