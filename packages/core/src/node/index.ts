export { writeFileAtomic, writeFolderAtomic } from './atomic-file.ts';
