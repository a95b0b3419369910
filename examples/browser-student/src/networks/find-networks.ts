/** In the order in which they are looked for. */
export const WEIGHT_FILES = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
] as const;

const join = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

/** Whether a folder holds a network: TF.js' model.json, or Hugging Face's config.json and weights. */
function isNetwork(paths: ReadonlySet<string>, folder: string): boolean {
  const has = (name: string): boolean => paths.has(join(folder, name));
  return has('model.json') || (has('config.json') && WEIGHT_FILES.some(has));
}

/** The first folder of a run with several seeds that ends like this, if there are any. */
function ofFirstSeed(paths: ReadonlySet<string>, role: string): string[] {
  const seeds = [...paths].flatMap((path) => /^seed-(\d+)\//.exec(path)?.[1] ?? []);
  return seeds.length === 0 ? [] : [`seed-${Math.min(...seeds.map(Number))}/${role}`];
}

/** Where in a chosen folder the network of a role is. */
export interface FoundNetworks {
  student?: string;
  teacher?: string;
  /** Paths of images to try, in the order of their names. */
  samples: readonly string[];
}

/**
 * Looks through the paths of a folder that somebody chose: a run's, which has `student/` and maybe a network in `teacher/` (a run of
 * `distill()` keeps the teacher's answers there, and not the teacher), or that of one network, taken for the student.
 */
export function findNetworks(files: Iterable<string>): FoundNetworks {
  const paths = new Set(files);
  const first = (folders: readonly string[]): string | undefined => folders.find((folder) => isNetwork(paths, folder));
  const student = first(['student', ...ofFirstSeed(paths, 'student'), 'model', '']);
  const teacher = student === undefined ? undefined : first(['teacher', ...ofFirstSeed(paths, 'teacher')]);
  const samples = [...paths].filter((path) => /^samples\/[^/]+\.(png|jpe?g|webp|gif|avif)$/i.test(path));
  return {
    ...(student === undefined ? {} : { student }),
    ...(teacher === undefined ? {} : { teacher }),
    samples: samples.sort((a, b) => (a < b ? -1 : 1)),
  };
}

/** Where the teacher is in a folder that was chosen as the teacher's: its own, or that of the run that made it. */
export function findTeacher(files: Iterable<string>): string | undefined {
  const paths = new Set(files);
  return ['', 'teacher', ...ofFirstSeed(paths, 'teacher'), 'model'].find((folder) => isNetwork(paths, folder));
}

/** The files of a network's folder that loading it may ask for, by name. */
export function networkFiles(files: Iterable<string>, folder: string): string[] {
  const prefix = join(folder, '');
  const names = [...files].filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  const own = names.filter((name) => /^[^/]+\.(json|safetensors|bin)$/.test(name));
  const tensorFlow = own.includes('model.json');
  const pickled = !tensorFlow && !own.some((name) => name.startsWith('model.safetensors'));
  return own.filter((name) => tensorFlow || pickled || !name.includes('.bin')).sort();
}
