import * as tf from '@tensorflow/tfjs-core';
import type { GraphOutput } from '../graph/graph.ts';
import { traceError } from './errors.ts';
import type { RecordingBackend } from './recording-backend.ts';

/** Variables as they were before a trace. */
export interface HeldVariables {
  before: ReadonlyMap<tf.Variable, object>;
  /** What the function assigned. Throws if it has made variables. */
  assigned(backend: RecordingBackend): GraphOutput[];
}

/** The backend that has a tensor's numbers. */
const homeOf = (dataId: object): tf.KernelBackend | undefined => tf.engine().state.tensorInfo.get(dataId)?.backend;

const registered = (): tf.Variable[] => Object.values(tf.engine().registeredVariables);

/** Remembers all variables, and takes hold of their numbers: TF.js frees those of a variable that is assigned. */
export function holdVariables(declared: readonly tf.Variable[]): HeldVariables {
  const before = new Map([...registered(), ...declared].map((variable) => [variable, variable.dataId as object]));
  for (const dataId of before.values()) homeOf(dataId)?.incRef(dataId);
  return {
    before,
    assigned(backend) {
      const made = registered().find((variable) => !before.has(variable));
      if (made) {
        throw traceError(
          'UNSUPPORTED',
          `the function makes the variable '${made.name}'; make it before (build the model, run the optimiser once), so that ` +
            'it is a state',
          { name: made.name },
        );
      }
      return [...before.keys()].flatMap((variable): GraphOutput[] => {
        const value = variable.dataId === before.get(variable) ? undefined : backend.valueFor(variable);
        if (!value || value === backend.states.get(variable)) return [];
        return [{ name: `assigned/${variable.name}`, kind: 'state', value, variable }];
      });
    },
  };
}

/** Puts the variables back as they were, and has the engine forget all tensors of a trace. */
export function letGo({ before }: HeldVariables, backend: RecordingBackend): void {
  const engine = tf.engine();
  for (const variable of registered()) if (!before.has(variable)) variable.dispose();
  let assigned = 0;
  let assignedBytes = 0;
  for (const [variable, dataId] of before) {
    if (variable.dataId === dataId) {
      homeOf(dataId)?.disposeData(dataId); // gives back what holdVariables took
      continue;
    }
    // The engine has counted the old numbers off and the new ones on: now the old ones are this variable's again.
    if (backend.dataIds.has(variable.dataId)) {
      assigned++;
      assignedBytes += variable.size * tf.util.bytesPerElement(variable.dtype);
    }
    variable.dataId = dataId as tf.DataId;
  }
  engine.state.numTensors -= backend.liveTensors - assigned;
  engine.state.numBytes -= backend.liveBytes - assignedBytes;
  for (const dataId of backend.dataIds) engine.removeDataId(dataId as tf.DataId, backend);
}
