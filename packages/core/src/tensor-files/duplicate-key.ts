/**
 * The first key that an object of a JSON text has twice. `JSON.parse` keeps the last of them and says nothing.
 *
 * @param json that `JSON.parse` takes
 */
export function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = []; // the keys of each object around the current place; unused for lists
  let string: string | undefined; // the one that has just ended
  for (let i = 0; i < json.length; i++) {
    const character = json[i]!;
    if (character === '"') {
      const start = i;
      do {
        i += json[i] === '\\' ? 2 : 1;
      } while (json[i] !== '"');
      string = json.slice(start, i + 1);
    } else if (character === ':') {
      const key = JSON.parse(string!) as string; // with escapes resolved: "a" and "\u0061" are one key
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    } else if (character === '{') {
      open.push(new Set());
    } else if (character === '}') {
      open.pop();
    }
  }
  return undefined;
}
