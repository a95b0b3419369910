/** Of Vite, which serves the tests: files by a pattern. */
interface ImportMeta {
  glob<Module>(pattern: string, options: { eager: true }): Record<string, Module>;
  glob<Module>(pattern: string, options: { query: string; import: string }): Record<string, () => Promise<Module>>;
}
