import type * as tf from '@tensorflow/tfjs-core';
import { attributes, floatTypes, type TensorflowBackend } from './tensorflow-backend.ts';

/** A variable of this name belongs to nobody else and goes when its handle does (`ResourceHandle::ANONYMOUS_NAME`). */
const ANONYMOUS = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/**
 * Runs one of TensorFlow's fused updates, `ResourceApply...`, which work in place on variables of its own.
 *
 * @param values float32 of one shape: what the update changes
 * @param operands its other inputs; numbers become scalars
 * @returns the changed values, as new tensors
 */
export type RunUpdate = (
  backend: TensorflowBackend,
  name: string,
  values: readonly tf.Tensor[],
  operands: readonly (tf.Tensor | number)[],
  flags: Readonly<Record<string, boolean>>,
) => tf.Tensor[];

// Rates change from step to step: enough for those of one.
const SCALARS = 16;

/**
 * Tensors are put into variables, which shares their memory, updated, which copies it first since others hold it, and
 * taken out again. The variables serve tensors of all shapes and are kept, and so are the scalars: making one takes as
 * long as an update of a small tensor. Until the next update the variables hold on to the last results.
 */
export function createVariables({ binding }: TensorflowBackend): { run: RunUpdate; dispose: () => void } {
  const variables: number[] = [];
  const scalars = new Map<number, number>();

  function forgetScalars(): void {
    for (const id of scalars.values()) binding.deleteTensor(id);
    scalars.clear();
  }

  function scalar(value: number): number {
    const id = scalars.get(value) ?? binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value));
    scalars.set(value, id);
    return id;
  }

  function makeVariable(backend: TensorflowBackend): number {
    const shape = { name: 'shape', type: binding.TF_ATTR_SHAPE, value: [] };
    const names = attributes(backend, { container: '', shared_name: ANONYMOUS });
    return binding.executeOp('VarHandleOp', [...names, ...floatTypes(backend, 'dtype'), shape], [], 1)[0]!.id;
  }

  const run: RunUpdate = (backend, name, values, operands, flags) => {
    const dtype = floatTypes(backend, 'dtype');
    while (variables.length < values.length) variables.push(makeVariable(backend));
    const handles = variables.slice(0, values.length);
    backend.getInputTensorIds(values).forEach((id, i) => {
      binding.executeOp('AssignVariableOp', dtype, [handles[i]!, id], 0);
    });
    if (scalars.size > SCALARS) forgetScalars();
    const ids = operands.map((operand) =>
      typeof operand === 'number' ? scalar(operand) : backend.getInputTensorIds([operand])[0]!,
    );
    const settings = [...floatTypes(backend, 'T'), ...attributes(backend, { use_locking: false, ...flags })];
    binding.executeOp(name, settings, [...handles, ...ids], 0);
    return handles.map((handle) =>
      backend.createOutputTensor(binding.executeOp('ReadVariableOp', dtype, [handle], 1)[0]!),
    );
  };

  return {
    run,
    dispose() {
      for (const each of variables.splice(0)) binding.deleteTensor(each);
      forgetScalars();
    },
  };
}
