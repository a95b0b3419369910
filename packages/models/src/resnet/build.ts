import * as tfl from '@tensorflow/tfjs-layers';
import { BATCH_NORM_DEFAULTS } from '../layers/batch-normalization.ts';
import { applied, blockNames, type ConvolutionBlock, convolutionBlock, padded } from '../layers/convolution-block.ts';
import { GlobalAveragePooling2D, MaxPooling2D } from '../layers/pooling.ts';
import { setModelConfig } from '../model-config.ts';
import type { ResnetConfig } from './config.ts';

type Symbolic = tfl.SymbolicTensor;

interface Convolution {
  kernelSize: number;
  filters: number;
  strides?: number;
  activation: ConvolutionBlock['activation'];
}

function convolution(x: Symbolic, name: string, block: Convolution): Symbolic {
  return convolutionBlock(x, { names: blockNames(name), batchNorm: BATCH_NORM_DEFAULTS, ...block });
}

/** The convolutions of a block's long way. */
function longWay(config: ResnetConfig, filters: number, strides: number): Convolution[] {
  if (config.layerType === 'basic') {
    return [
      { kernelSize: 3, filters, strides, activation: 'relu' },
      { kernelSize: 3, filters, activation: 'none' },
    ];
  }
  const inFirst = config.downsampleInBottleneck;
  return [
    { kernelSize: 1, filters: filters / 4, strides: inFirst ? strides : 1, activation: 'relu' },
    { kernelSize: 3, filters: filters / 4, strides: inFirst ? 1 : strides, activation: 'relu' },
    { kernelSize: 1, filters, activation: 'none' },
  ];
}

interface Block {
  /** Hugging Face's, without the prefix. */
  name: string;
  /** Of the block's output. */
  output: string;
  filters: number;
  strides: number;
}

function residualBlock(x: Symbolic, { name, output, filters, strides }: Block, config: ResnetConfig): Symbolic {
  const long = longWay(config, filters, strides).reduce((y, each, i) => convolution(y, `${name}.layer.${i}`, each), x);
  const isSame = strides === 1 && x.shape[3] === filters;
  const short = isSame
    ? x
    : convolution(x, `${name}.shortcut`, { kernelSize: 1, filters, strides, activation: 'none' });
  const sum = applied(tfl.layers.add({ name: `${name}.residual` }), [long, short]);
  return applied(tfl.layers.reLU({ name: output }), sum);
}

/** The model of a config, its weights still zeros. */
export function buildResnet(config: ResnetConfig): tfl.LayersModel {
  const image = tfl.input({ shape: [null, null, config.numChannels], name: 'image' });
  const stem = { kernelSize: 7, filters: config.embeddingSize, strides: 2, activation: 'relu' } as const;
  let x = convolution(image, 'embedder.embedder', stem);
  // Zeros are no larger than what comes out of a ReLU: the same as PyTorch's minus infinity.
  x = padded(x, 'embedder.pooler.padding', 1);
  x = applied(new MaxPooling2D({ name: 'embedder', poolSize: 3, strides: 2 }), x);
  config.hiddenSizes.forEach((filters, stage) => {
    const depth = config.depths[stage]!;
    const halves = stage > 0 || config.downsampleInFirstStage;
    for (let i = 0; i < depth; i++) {
      const name = `encoder.stages.${stage}.layers.${i}`;
      const output = i === depth - 1 ? `layer${stage + 1}` : name;
      x = residualBlock(x, { name, output, filters, strides: i === 0 && halves ? 2 : 1 }, config);
    }
  });
  x = applied(new GlobalAveragePooling2D({ name: 'pooler' }), x);
  const head = tfl.layers.dense({ name: 'classifier', units: config.classNames.length, kernelInitializer: 'zeros' });
  const model = tfl.model({ inputs: image, outputs: applied(head, x), name: config.modelType });
  setModelConfig(model, config);
  return model;
}
