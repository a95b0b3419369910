import { existsSync, readdirSync, readFileSync } from 'node:fs';

const FLAGS = '/proc/cpuinfo';
const DRIVER = '/proc/driver/nvidia';

/** TensorFlow's binaries are compiled for AVX: on a processor without it they end the process. */
export function checkAvx(cpuinfo: string = FLAGS): void {
  if (process.arch !== 'x64' || !existsSync(cpuinfo)) return;
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync(cpuinfo, 'utf8'))?.[1];
  if (flags && !/\savx(\s|$)/.test(flags)) throw new Error('without AVX on this processor, which TensorFlow needs');
}

/** Loading the GPU's libraries takes seconds and gigabytes; without a GPU they would compute on the processor. */
export function checkGpu(env: NodeJS.ProcessEnv = process.env, driver: string = DRIVER): void {
  const visible = env.CUDA_VISIBLE_DEVICES;
  if (visible !== undefined && /^(-1.*|NoDevFiles|\s*)$/.test(visible)) {
    throw new Error(`without a GPU: CUDA_VISIBLE_DEVICES is '${visible}'`);
  }
  if (process.platform !== 'linux') return;
  if (!existsSync(`${driver}/version`)) throw new Error('without a GPU: no NVIDIA driver is loaded');
  const gpus = `${driver}/gpus`;
  if (existsSync(gpus) && readdirSync(gpus).length === 0) throw new Error('without a GPU: the NVIDIA driver sees none');
}
