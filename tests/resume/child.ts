// Trains as `settings.ts` says, on from where the folder's checkpoint is; tells the parent of every step, and is killed.
import { join } from 'node:path';
import { writeSafetensors } from '@kd/core';
import { writeFileAtomic } from '@kd/core/node';
import { namedVariables } from '@kd/ops';
import { killAtWrite } from './faults.ts';
import { EPOCHS, FILES, type Settings } from './settings.ts';
import { runTraining } from './training.ts';

const settings = JSON.parse(process.argv[2]!) as Settings;
const controller = new AbortController();

const model = await runTraining(settings, {
  signal: controller.signal,
  callbacks: [
    {
      onTrainBegin() {
        process.send!('start');
        if (settings.killAt) killAtWrite(settings.killAt);
      },
      onStepEnd: ({ step }) => void process.send!(step),
      onEpochEnd({ epoch }) {
        if (epoch === settings.stopAfterEpochs) controller.abort();
      },
    },
  ],
});
if ((settings.stopAfterEpochs ?? EPOCHS) >= EPOCHS) {
  const weights = namedVariables(model).map(({ name, variable: { shape }, variable }) => {
    return { name, shape, data: variable.dataSync() as Float32Array };
  });
  await writeFileAtomic(join(settings.folder, FILES.student), writeSafetensors(weights));
}
process.disconnect();
