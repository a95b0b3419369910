import { afterEach, describe, expect, it, vi } from 'vitest';
import { fakeTerminal } from '../../testing/fake-terminal.ts';
import { plainLines, terminalLine } from './status-line.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('terminalLine', () => {
  it('draws over itself, also with a shorter text', () => {
    const terminal = fakeTerminal();
    const line = terminalLine(terminal);
    line.show('a long text');
    line.show('short');
    expect(terminal.screen()).toEqual(['short']);
  });

  it('leaves printed lines above', () => {
    const terminal = fakeTerminal();
    const line = terminalLine(terminal);
    line.show('half');
    line.print('Epoch 1');
    line.show('three quarters');
    expect(terminal.screen()).toEqual(['Epoch 1', 'three quarters']);
  });

  it("breaks no line of others' and is drawn again below", () => {
    const terminal = fakeTerminal();
    const line = terminalLine(terminal);
    line.show('a rather long status line');
    terminal.write('warning: disk\nis full\n');
    line.show('next');
    terminal.write(new TextEncoder().encode('bytes too\n'));
    line.show('last');
    expect(terminal.screen()).toEqual(['warning: disk', 'is full', 'bytes too', 'last']);
  });

  it('goes below text of others that has no end yet', () => {
    const terminal = fakeTerminal();
    const line = terminalLine(terminal);
    line.show('status');
    terminal.write('loading … ');
    line.show('status 2');
    line.print('done');
    expect(terminal.screen()).toEqual(['loading …', 'done', '']);
  });

  it('leaves nothing behind when it is closed', () => {
    const terminal = fakeTerminal();
    const { write } = terminal;
    const listeners = process.listenerCount('exit');
    const line = terminalLine(terminal);
    line.show('status');
    expect(terminal.write).not.toBe(write);
    expect(process.listenerCount('exit')).toBe(listeners + 1);
    line.close();
    expect(terminal.write).toBe(write);
    expect(process.listenerCount('exit')).toBe(listeners);
    expect(terminal.screen()).toEqual(['']);
  });

  it("leaves somebody else's writer in place", () => {
    const terminal = fakeTerminal();
    const line = terminalLine(terminal);
    line.show('status');
    const guarded = terminal.write;
    const theirs = (text: string | Uint8Array): boolean => guarded.call(terminal, text);
    terminal.write = theirs;
    line.close();
    expect(terminal.write).toBe(theirs);
    terminal.write('still works\n');
    expect(terminal.screen()).toEqual(['still works', '']);
  });
});

describe('plainLines', () => {
  it('writes a line each interval, and all that stay', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const file = fakeTerminal({ isTTY: false });
    const line = plainLines(file, 10);
    for (let second = 0; second < 35; second++) {
      line.show(`second ${second}`);
      vi.advanceTimersByTime(1000);
    }
    line.print('end');
    expect(file.written()).toBe('second 10\nsecond 20\nsecond 30\nend\n');
  });
});
