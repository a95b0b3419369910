import { KdError } from '@kd/core';
import { CIFAR_RESNET } from '../cifar-resnet/architecture.ts';
import { MLP } from '../mlp/architecture.ts';
import { MOBILENET_V2 } from '../mobilenet/architecture.ts';
import { RESNET } from '../resnet/architecture.ts';
import { DEIT } from '../vit/deit-architecture.ts';
import { VIT } from '../vit/vit-architecture.ts';
import type { AnyConfig, Architecture } from './architecture.ts';

const ALL = [MLP, CIFAR_RESNET, MOBILENET_V2, RESNET, VIT, DEIT] as unknown as readonly Architecture[];

/** The architecture of a config.json or of a model's config. @throws {KdError} UNSUPPORTED with those that there are */
export function architectureOf(caller: string, modelType: unknown): Architecture<AnyConfig> {
  const found = ALL.find((each) => each.modelType === modelType);
  if (found) return found;
  const names = ALL.map((each) => `'${each.modelType}'`).join(', ');
  const message = `${caller}: model_type ${JSON.stringify(modelType)} is not supported; there are ${names}`;
  throw new KdError('UNSUPPORTED', message, { modelType });
}
