/** @type {readonly string[]} */
let hidden = [];

/** @type {import('node:module').InitializeHook<string[]>} */
export function initialize(names) {
  hidden = names;
}

/** @type {import('node:module').ResolveHook} */
export function resolve(specifier, context, nextResolve) {
  const isHidden = hidden.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  return nextResolve(specifier, isHidden ? { ...context, parentURL: 'file:///nowhere/at-all.js' } : context);
}
