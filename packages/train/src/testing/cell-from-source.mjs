// Starts the program of a cell in a Node that runs no TypeScript.
import { register } from 'tsx/esm/api';

register();
await import('../node/experiments/cell-program.ts');
