import type { ProgressStream } from '../node/progress/status-line.ts';

/** What a terminal shows after all that was written to it: carriage returns and "clear line" are all it understands. */
export interface FakeTerminal extends ProgressStream {
  columns: number;
  write(text: string | Uint8Array): boolean;
  /** Lines as they stand, without colours. */
  screen(): string[];
  /** Everything that was written. */
  written(): string;
}

const ESCAPE = String.fromCharCode(27);
const TOKENS = new RegExp(`${ESCAPE}\\[(\\d*)([A-Za-z])|\\r|\\n|[^${ESCAPE}\\r\\n]`, 'g');

export function fakeTerminal({ columns = 80, isTTY = true }: { columns?: number; isTTY?: boolean } = {}): FakeTerminal {
  let written = '';
  return {
    columns,
    isTTY,
    write(text) {
      written += typeof text === 'string' ? text : new TextDecoder().decode(text);
      return true;
    },
    written: () => written,
    screen() {
      const lines = [''];
      let column = 0;
      for (const [token, number, command] of written.matchAll(TOKENS)) {
        if (command === 'm') continue;
        if (command !== undefined && `${number}${command}` !== '2K')
          throw new Error(`unknown escape ${number}${command}`);
        if (command !== undefined) lines[lines.length - 1] = '';
        else if (token === '\r') column = 0;
        else if (token === '\n') {
          lines.push('');
          column = 0;
        } else {
          const line = lines.at(-1)!.padEnd(column);
          lines[lines.length - 1] = line.slice(0, column) + token + line.slice(column + 1);
          column += 1;
        }
      }
      return lines.map((line) => line.trimEnd());
    },
  };
}
