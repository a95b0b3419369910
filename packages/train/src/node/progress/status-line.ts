/** Where progress is written: `process.stderr`, `process.stdout`, or something like them. */
export interface ProgressStream {
  write(text: string): unknown;
  /** Whether it is a terminal, where a line can be drawn over. @default false */
  readonly isTTY?: boolean;
  /** Its width. @default 80 */
  readonly columns?: number;
}

/** One line at the bottom that changes, and lines above it that stay. */
export interface StatusLine {
  /** Draws over what it showed before. */
  show(text: string): void;
  /** Writes a line that stays. */
  print(line: string): void;
  /** Takes the line away and leaves the stream as it was. */
  close(): void;
}

const CLEAR = '\r\x1b[2K';

type Write = (this: unknown, chunk: string | Uint8Array, ...rest: unknown[]) => unknown;

const endsLine = (chunk: string | Uint8Array): boolean =>
  typeof chunk === 'string' ? chunk.endsWith('\n') : chunk[chunk.length - 1] === 0x0a;

/** The streams of this process that share a terminal with one of them. */
function neighbours(stream: ProgressStream): ProgressStream[] {
  const ours: ProgressStream[] = [process.stdout, process.stderr].filter((each) => each.isTTY);
  return ours.includes(stream) ? ours : [stream];
}

/**
 * A status line on a terminal. While it stands, what anybody else writes to the terminal through this process takes it away
 * first, so that no line is broken; the next `show` draws it again, below.
 */
export function terminalLine(stream: ProgressStream): StatusLine {
  let shown = false;
  let midLine = false; // somebody's text stands on the line, unfinished
  let restore: (() => void)[] = [];

  const own = stream.write.bind(stream) as (text: string) => unknown;

  function clear(): void {
    if (shown) own(CLEAR);
    shown = false;
  }

  function guard(target: ProgressStream): () => void {
    const had = Object.hasOwn(target, 'write');
    const original = target.write as Write;
    const guarded: Write = function (chunk, ...rest) {
      clear();
      if (chunk.length > 0) midLine = !endsLine(chunk);
      return original.call(this, chunk, ...rest);
    };
    target.write = guarded as ProgressStream['write'];
    return () => {
      if (target.write !== guarded) return; // somebody has put their own over it, and calls ours
      if (had) target.write = original as ProgressStream['write'];
      else delete (target as Partial<ProgressStream>).write;
    };
  }

  return {
    show(text) {
      if (restore.length === 0) {
        restore = neighbours(stream).map(guard);
        process.on('exit', clear);
      }
      own(`${midLine ? '\n' : CLEAR}${text}`);
      [shown, midLine] = [true, false];
    },
    print(line) {
      own(`${midLine ? '\n' : shown ? CLEAR : ''}${line}\n`);
      [shown, midLine] = [false, false];
    },
    close() {
      clear();
      for (const undo of restore) undo();
      restore = [];
      process.off('exit', clear);
    },
  };
}

/** For files and logs: what would be drawn over becomes a plain line every so often. */
export function plainLines(stream: ProgressStream, interval: number): StatusLine {
  let last = performance.now();
  return {
    show(text) {
      const now = performance.now();
      if (now - last < interval * 1000) return;
      last = now;
      stream.write(`${text}\n`);
    },
    print: (line) => {
      stream.write(`${line}\n`);
    },
    close() {},
  };
}
