/** A rectangle of the drawing. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface LabelPlace {
  x: number;
  y: number;
  anchor: 'start' | 'middle' | 'end';
}

/** Of the style sheet's bold label text on a phone; a guess, since nothing measures text without a browser. */
const CHARACTER_WIDTH = 8.6;
const LINE_HEIGHT = 18;
const GAP = 11;

function boxOf({ x, y, anchor }: LabelPlace, text: string): Box {
  const width = text.length * CHARACTER_WIDTH;
  const left = { start: x, middle: x - width / 2, end: x - width }[anchor];
  return { x: left, y: y - 12, width, height: LINE_HEIGHT };
}

/** Shared area of two boxes. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

/**
 * Places a label beside each point, where it covers no point and no earlier label and stays inside.
 *
 * @param points with what to write at each
 * @param marks to keep clear of
 * @param frame to stay inside
 */
export function placeLabels(
  points: readonly { x: number; y: number; text: string }[],
  marks: readonly Box[],
  frame: Box,
): LabelPlace[] {
  const taken: Box[] = [...marks];
  return points.map(({ x, y, text }) => {
    const candidates: LabelPlace[] = [
      { x: x + GAP, y: y + 5, anchor: 'start' },
      { x: x - GAP, y: y + 5, anchor: 'end' },
      { x, y: y - GAP - 3, anchor: 'middle' },
      { x, y: y + GAP + 13, anchor: 'middle' },
      { x: x - GAP / 2, y: y - GAP - 3, anchor: 'end' },
      { x: x - GAP / 2, y: y + GAP + 13, anchor: 'end' },
      { x: x + GAP / 2, y: y - GAP - 3, anchor: 'start' },
      { x: x + GAP / 2, y: y + GAP + 13, anchor: 'start' },
    ];
    const cost = (candidate: LabelPlace): number => {
      const box = boxOf(candidate, text);
      const outside = box.width * box.height - overlap(box, frame);
      return outside * 4 + taken.reduce((sum, other) => sum + overlap(box, other), 0);
    };
    const best = candidates.reduce((a, b) => (cost(b) < cost(a) ? b : a));
    taken.push(boxOf(best, text));
    return best;
  });
}
