// Has Node find no package of the names in KD_WITHOUT, as where they are not installed: the error is Node's own.
import { register } from 'node:module';

if (process.env.KD_WITHOUT_BINARIES) Object.defineProperty(process, 'arch', { value: 'mips' });
register('./hide-packages.mjs', import.meta.url, { data: process.env.KD_WITHOUT?.split(' ') ?? [] });
