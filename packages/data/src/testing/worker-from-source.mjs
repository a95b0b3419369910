// Starts the loader's worker in a Node that runs no TypeScript.
import { register } from 'tsx/esm/api';

register();
await import('../node/loader-workers/worker.ts');
