/** Packages that a changeset names; none of an empty one, which says that users will not notice. */
function named(/** @type {string} */ changeset) {
  const [, front = ''] = /^---\n([\s\S]*?)\n?---/.exec(changeset) ?? [];
  return [...front.matchAll(/^["']?(@[^"':]+)["']?:/gm)].map(([, name]) => name);
}

/**
 * Which packages have other sources than before, and no changeset that says so.
 *
 * @param {readonly string[]} paths files that differ
 * @param {readonly string[]} changesets texts of those that are new
 * @param {(folder: string) => string} nameOf a package's name by its folder below packages/
 */
export function changesetProblems(paths, changesets, nameOf) {
  const said = changesets.map(named);
  if (said.some((names) => names.length === 0)) return [];
  const folders = paths.flatMap((path) => {
    const [, folder, file] = /^packages\/([^/]+)\/src\/(.+)$/.exec(path) ?? [];
    return folder && !/\.test\.ts$|(^|\/)testing\//.test(file ?? '') ? [folder] : [];
  });
  const silent = [...new Set(folders)].map(nameOf).filter((name) => !said.some((names) => names.includes(name)));
  return silent.map(
    (name) => `${name} has changed, and no changeset says so: npx changeset (--empty if its users will not notice)`,
  );
}
