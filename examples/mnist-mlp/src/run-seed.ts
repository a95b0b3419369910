import type { DataLoader } from '@kd/core';
import { classification } from '@kd/train';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { evaluationLoader, trainingLoader } from './data.ts';
import { distillFrom } from './network.ts';
import { scoreOmitted } from './omitted-digit.ts';
import type { NetworkKey, NetworkResult, SeedResults } from './results.ts';
import { compare, type Tested, testNetwork } from './score.ts';
import { reuseTeacher, type Stage, type Trained, trainNetwork } from './train-network.ts';

/** What came of one seed. */
export interface SeedRun {
  results: SeedResults;
  /** For whoever calls to dispose of; the students are on disk. */
  teacher: LayersModel;
  tested: Record<NetworkKey, Tested>;
}

/** Trains teacher, student from scratch and distilled student, then scores each once on the test images. */
export async function runSeed(stage: Stage): Promise<SeedRun> {
  const { config, data, seed, engine } = stage;
  const loader = (student: boolean): DataLoader =>
    trainingLoader(data, config, student ? config.student : config.teacher, seed, student);

  const teacher = config.teacherFolder
    ? await reuseTeacher(stage, config.teacherFolder)
    : await trainNetwork(stage, 'teacher', config.teacher, loader(false), () => classification());
  // Before anyone asks it: in the notebook's preset that moves its statistics, and the saved one would be another.
  const test = evaluationLoader(data.test, data);
  const testedTeacher = await testNetwork(engine, teacher.model, test, config.teacherEvaluation);
  const scratch = await trainNetwork(stage, 'scratch', config.student, loader(true), () => classification());
  const transfer = loader(true);
  const student = await engine.withLogits(teacher.model, config.teacherMode, (logits) =>
    trainNetwork(stage, 'student', config.student, transfer, () =>
      distillFrom(teacher.model, config, transfer, logits),
    ),
  );

  const tested: Record<NetworkKey, Tested> = {
    teacher: testedTeacher,
    scratch: await testNetwork(engine, scratch.model, test, 'inference'),
    student: await testNetwork(engine, student.model, test, 'inference'),
  };
  const network = (key: NetworkKey, trained: Trained): NetworkResult => ({
    ...trained,
    test: tested[key].score,
    inferenceMsPerImage: tested[key].msPerImage,
  });
  const omitted =
    config.omitDigit >= 0
      ? await scoreOmitted(student.model, config.omitDigit, evaluationLoader(data.validation, data), tested.student)
      : undefined;
  scratch.model.dispose();
  student.model.dispose();
  return {
    results: {
      seed,
      networks: [
        network('teacher', teacher.trained),
        network('scratch', scratch.trained),
        network('student', student.trained),
      ],
      comparisons: [
        compare('student', 'scratch', tested.student, tested.scratch),
        compare('student', 'teacher', tested.student, tested.teacher),
      ],
      ...(omitted ? { omitted } : {}),
    },
    teacher: teacher.model,
    tested,
  };
}
