import { resolve } from 'node:path';

/** A path as it was typed: npm and pnpm start programs in their own folders, and say where the user was. */
export const givenPath = (path: string): string => resolve(process.env.INIT_CWD ?? process.cwd(), path);
