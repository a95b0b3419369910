type Scalar = string | number | boolean;

/** Fields; those that are undefined, and empty lists, are left out. */
export interface YamlFields {
  readonly [name: string]: Scalar | YamlFields | readonly (Scalar | YamlFields)[] | undefined;
}

/** Characters that JSON leaves as they are and YAML does not take, or takes for the end of a line. */
const NOT_PRINTABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Text in double quotes: JSON's form, which is YAML's. Without quotes it may be a number, a date or `no`. */
function quoted(text: string): string {
  const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(NOT_PRINTABLE, escaped);
}

/** A number that YAML 1.1 takes for one too: `1e-7` is text there, `1.0e-7` is not. */
function numeral(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (Object.is(value, -0)) return '-0.0';
  return String(value)
    .replace('Infinity', '.inf')
    .replace(/^(-?\d+)e/, '$1.0e');
}

function scalar(value: Scalar): string {
  if (typeof value === 'string') return quoted(value);
  return typeof value === 'number' ? numeral(value) : String(value);
}

const isPlainName = (name: string): boolean =>
  /^[a-z][a-z_-]*$/.test(name) && !/^(y|n|yes|no|on|off|true|false|null)$/.test(name);

/**
 * Lines of YAML in block style, which parsers of version 1.1 (Python's) and 1.2 read alike.
 *
 * @param indent of the lines, in spaces
 */
export function yamlLines(fields: YamlFields, indent = 0): string[] {
  const space = ' '.repeat(indent);
  return Object.entries(fields).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const name = `${space}${isPlainName(key) ? key : quoted(key)}:`;
    if (typeof value !== 'object') return [`${name} ${scalar(value)}`];
    const below = Array.isArray(value) ? listLines(value, indent) : yamlLines(value as YamlFields, indent + 2);
    return below.length > 0 ? [name, ...below] : [];
  });
}

function listLines(items: readonly (Scalar | YamlFields)[], indent: number): string[] {
  const space = ' '.repeat(indent);
  return items.flatMap((item) => {
    if (typeof item !== 'object') return [`${space}- ${scalar(item)}`];
    const [first = '', ...more] = yamlLines(item, indent + 2);
    return [`${space}- ${first.trimStart()}`, ...more];
  });
}
