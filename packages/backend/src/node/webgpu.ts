interface Dawn {
  create: (flags: string[]) => { requestAdapter: () => Promise<object | null> };
  globals: object;
}

/**
 * Puts `navigator.gpu` of Dawn, the npm package `webgpu`, where TF.js looks for it; one that is there already stays.
 * Dawn runs until `process.exit`, so a program that uses it has to end with that.
 *
 * @throws if it is not installed or finds no device
 */
export async function provideWebgpu(): Promise<void> {
  const scope = globalThis as { navigator?: { gpu?: ReturnType<Dawn['create']> } };
  if (!scope.navigator?.gpu) {
    const name: string = 'webgpu'; // not followed by tsc: it is optional
    const { create, globals } = (await import(name).catch(() => {
      throw new Error('not installed');
    })) as Dawn;
    Object.assign(scope, globals);
    // Node 20 has no navigator, later ones have one that cannot be assigned.
    const navigator = scope.navigator ?? { userAgent: 'node' };
    Object.defineProperty(navigator, 'gpu', { value: create([]), configurable: true });
    if (!scope.navigator) Object.defineProperty(scope, 'navigator', { value: navigator, configurable: true });
  }
  if (!(await scope.navigator!.gpu!.requestAdapter())) throw new Error('without a GPU: Dawn finds no Vulkan device');
}
