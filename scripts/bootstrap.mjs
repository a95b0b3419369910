// npm run bootstrap: installs what is missing and nothing else.
import './lib/check-node.mjs';
import { ensureInstalled } from './lib/install.mjs';

process.exitCode = await ensureInstalled();
