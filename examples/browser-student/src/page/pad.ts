import type { ImageArray } from '@kd/core';
import { element } from './elements.ts';

/** Of the pad's side: in MNIST's box of 20 pixels a stroke is some 2 wide. */
const STROKE = 1 / 13;
/** Of the pad's side, for each press of an arrow. */
const STEP = 1 / 40;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface Point {
  x: number;
  y: number;
}

export interface Pad {
  /** What was drawn: uint8 [height, width, 1], 0 where nothing was. */
  ink(): ImageArray;
  clear(): void;
  /** Puts a gray picture onto the pad, which can be drawn on. */
  show(image: ImageArray): Promise<void>;
}

/** A canvas that one draws on, with a pointer or with the arrows of the keyboard. */
export function createPad(onChange: (finished: boolean) => void): Pad {
  const area = element('pad');
  const canvas = element<HTMLCanvasElement>('ink');
  const pen = element('pen');
  area.tabIndex = 0; // an application takes keys
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const { width, height } = canvas;
  let at: Point | undefined; // where a stroke is, while there is one
  let penAt: Point = { x: width / 2, y: height / 4 };
  let penIsDown = false;

  const line = (from: Point, to: Point): void => {
    context.strokeStyle = getComputedStyle(area).color;
    context.lineWidth = STROKE * width;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  };
  const pointOf = (event: PointerEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * width,
      y: ((event.clientY - box.top) / box.height) * height,
    };
  };
  const showPen = (): void => {
    pen.style.left = `${(100 * penAt.x) / width}%`;
    pen.style.top = `${(100 * penAt.y) / height}%`;
    pen.classList.toggle('down', penIsDown);
  };
  const clear = (): void => {
    context.clearRect(0, 0, width, height);
    penIsDown = false;
    showPen();
    onChange(true);
  };

  area.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    area.setPointerCapture(event.pointerId);
    pen.hidden = true;
    at = pointOf(event);
    line(at, at);
    onChange(false);
  });
  area.addEventListener('pointermove', (event) => {
    if (!at) return;
    // The browser puts several moves into one event; the curve wants them all.
    for (const move of event.getCoalescedEvents?.() ?? [event]) {
      const to = pointOf(move);
      line(at, to);
      at = to;
    }
    onChange(false);
  });
  for (const end of ['pointerup', 'pointercancel'] as const) {
    area.addEventListener(end, () => {
      if (at) onChange(true);
      at = undefined;
    });
  }

  area.addEventListener('keydown', (event) => {
    const arrow = ARROWS[event.key];
    if (arrow) {
      const [right, down] = arrow;
      const limit = (value: number): number => Math.min(width, Math.max(0, value));
      const to = { x: limit(penAt.x + right * STEP * width), y: limit(penAt.y + down * STEP * height) };
      if (penIsDown) {
        line(penAt, to);
        onChange(false);
      }
      penAt = to;
    } else if (event.key === ' ') {
      penIsDown = !penIsDown;
      if (penIsDown) line(penAt, penAt);
      onChange(!penIsDown);
    } else if (event.key === 'Escape') {
      clear();
    } else {
      return;
    }
    event.preventDefault();
    pen.hidden = false;
    showPen();
  });
  area.addEventListener('blur', () => {
    pen.hidden = true;
  });

  return {
    ink() {
      const { data } = context.getImageData(0, 0, width, height);
      return {
        data: Uint8Array.from({ length: width * height }, (_, i) => data[4 * i + 3]!),
        shape: [height, width, 1],
      };
    },
    clear,
    async show({ data, shape }) {
      const [rows = 0, columns = 0] = shape;
      const [red, green, blue] = getComputedStyle(area).color.match(/\d+/g)!.map(Number);
      const pixels = new ImageData(columns, rows);
      for (const [i, ink] of data.entries()) pixels.data.set([red!, green!, blue!, ink], 4 * i);
      const bitmap = await createImageBitmap(pixels);
      context.clearRect(0, 0, width, height);
      context.drawImage(bitmap, 0, 0, width, height);
      bitmap.close();
    },
  };
}
