export type { BackendName, SelectBackendOptions, SelectedBackend, SkippedBackend } from './select-backend.ts';
export { BACKENDS, selectBackend } from './select-backend.ts';
