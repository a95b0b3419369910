/**
 * Names of Fashion-MNIST's ten classes, in the order of its labels.
 *
 * Reference: the table of labels in zalandoresearch/fashion-mnist.
 *
 * @example
 * import { FASHION_MNIST_CLASSES } from '@kd/data';
 * console.log(FASHION_MNIST_CLASSES[9]); // Ankle boot
 */
export const FASHION_MNIST_CLASSES: readonly string[] = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];
