/** One thing to measure. */
interface CaseOptions {
  title: string;
  batch: number;
  classes: number;
  /** Shape of one input. */
  input: readonly number[];
  /** What a time is divided by. */
  per: 'image' | 'step';
  /** false: a forward pass without gradients. */
  isTraining: boolean;
  /** Steps of a turn for one of `--steps`: a turn must last long enough to see what else the machine does. */
  repeat: number;
}

const image = { batch: 8, classes: 3, input: [224, 224, 3], per: 'image', isTraining: true, repeat: 1 } as const;

/** What is measured, by name: batches as in the notebook and in the guide. */
export const CASES = {
  mobilenetv2: { ...image, title: 'MobileNetV2 1.0 at 224, batch 8, training' },
  resnet18: { ...image, title: 'ResNet-18 at 224, batch 8, training' },
  'vit-tiny': { ...image, title: 'ViT-Ti/16 at 224, batch 8, training' },
  mlp: {
    title: 'MLP 784-1200-1200-10 with batch normalisation, batch 64, training',
    batch: 64,
    classes: 10,
    input: [784],
    per: 'step',
    isTraining: true,
    repeat: 25,
  },
  'vit-base': { ...image, title: 'ViT-B/16 at 224, batch 8, forward', isTraining: false },
} as const satisfies Record<string, CaseOptions>;

export type Case = keyof typeof CASES;

export const CASE_NAMES = Object.keys(CASES) as Case[];
