import { KdError } from '@kd/core';

/**
 * Records of a CSV text: fields by commas, in quotes where they hold commas, quotes (doubled) or line ends. Empty lines
 * are left out. Each record comes with the number of the line that it starts on.
 *
 * Reference: RFC 4180.
 */
export function parseCsv(where: string, text: string): { line: number; fields: string[] }[] {
  const records: { line: number; fields: string[] }[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  const invalid = (why: string, from: number): KdError =>
    new KdError('INVALID_DATA', `${where}: line ${from}: ${why}`, { line: from });

  const quoted = (): string => {
    const from = line;
    let field = '';
    for (at += 1; ; at++) {
      const letter = text[at];
      if (letter === undefined)
        throw invalid('a quote is never closed: the file is cut, or a quote is not doubled', from);
      if (letter === '\n') line += 1;
      if (letter === '"' && text[at + 1] !== '"') break;
      if (letter === '"') at += 1;
      field += letter;
    }
    at += 1;
    if (at < text.length && !',\r\n'.includes(text[at]!)) throw invalid('letters follow a closing quote', line);
    return field;
  };
  const plain = (): string => {
    const from = at;
    while (at < text.length && !',\r\n'.includes(text[at]!)) at += 1;
    return text.slice(from, at);
  };

  while (at < text.length) {
    const record = { line, fields: [] as string[] };
    for (;;) {
      record.fields.push(text[at] === '"' ? quoted() : plain());
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') {
      at += 1;
      line += 1;
    }
    if (record.fields.length > 1 || record.fields[0] !== '') records.push(record);
  }
  return records;
}
