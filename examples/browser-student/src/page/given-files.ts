import type { Folder } from '../networks/folder.ts';
import { element } from './elements.ts';

/** A folder that was chosen in a dialogue, without its own name in front of the paths. */
export function folderOf(files: Iterable<File>): Folder {
  return new Map(
    Array.from(files, (file) => [file.webkitRelativePath.split('/').slice(1).join('/'), () => Promise.resolve(file)]),
  );
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

async function entriesOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // A hundred at a time in Chromium, until there are none.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

async function filesBelow(
  directory: FileSystemDirectoryEntry,
  prefix: string,
): Promise<[string, () => Promise<File>][]> {
  const found: [string, () => Promise<File>][] = [];
  for (const entry of await entriesOf(directory)) {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory) found.push(...(await filesBelow(entry as FileSystemDirectoryEntry, `${path}/`)));
    else found.push([path, () => fileOf(entry as FileSystemFileEntry)]);
  }
  return found;
}

/** What was dropped: the files of a folder, or files alone. */
export interface Dropped {
  folder?: Folder;
  files: readonly File[];
  /** Whether it was dropped on the teacher's column. */
  onTeacher: boolean;
}

async function contentOf(transfer: DataTransfer): Promise<Omit<Dropped, 'onTeacher'>> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()); // gone after the first await
  const files = Array.from(transfer.files);
  const directory = entries.find((entry) => entry?.isDirectory);
  if (!directory) return { files };
  return { folder: new Map(await filesBelow(directory as FileSystemDirectoryEntry, '')), files };
}

/** Takes what is dropped anywhere on the page. */
export function onDrop(take: (dropped: Promise<Dropped>) => void): void {
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    const { dataTransfer, target } = event;
    if (!dataTransfer) return;
    const onTeacher = target instanceof Element && target.closest('[data-role="teacher"]') !== null;
    take(contentOf(dataTransfer).then((content) => ({ ...content, onTeacher })));
  });
}

/** Takes what is chosen in a dialogue; `take` has to have read the list when it returns. */
export function onChoice(id: string, take: (files: readonly File[]) => void): void {
  const input = element<HTMLInputElement>(id);
  input.addEventListener('change', () => {
    const files = Array.from(input.files ?? []);
    input.value = ''; // so that the same one can be chosen again
    if (files.length > 0) take(files);
  });
}
