/** Without case, spaces, underscores and other signs: 'Angular Leaf Spot' and 'angular_leaf_spot' are the same. */
const plain = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '');

/** What the names likely mean, if all of them do: pairs of those that are written differently. */
export function likelyMap(
  names: readonly string[],
  others: readonly string[],
): [from: string, to: string][] | undefined {
  const byPlain = new Map(others.map((other) => [plain(other), other]));
  if (byPlain.size !== others.length || new Set(names.map(plain)).size !== names.length) return undefined;
  if (!names.every((name) => byPlain.has(plain(name)))) return undefined;
  return names.flatMap((name): [string, string][] => {
    const other = byPlain.get(plain(name))!;
    return other === name ? [] : [[name, other]];
  });
}

/** As one writes it in a program. */
export function mapText(pairs: readonly (readonly [string, string])[]): string {
  const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
  const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name));
  return `{ ${pairs.map(([from, to]) => `${key(from)}: ${quoted(to)}`).join(', ')} }`;
}
