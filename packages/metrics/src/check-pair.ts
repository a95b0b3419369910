import { KdError } from '@kd/core';
import { checkInteger, checkScores } from './checks.ts';

/**
 * Finds the number of classes that a student's and a teacher's scores have in common, and refuses scores that do not fit.
 *
 * @param name of the public function, for the messages
 * @param check of the scores of each
 */
export function checkPair(
  name: string,
  studentScores: ArrayLike<number>,
  teacherScores: ArrayLike<number>,
  samples: number,
  check: typeof checkScores = checkScores,
): number {
  checkInteger(name, 'samples', samples, 1);
  const student = check(name, studentScores, samples, 'student score');
  const teacher = check(name, teacherScores, samples, 'teacher score');
  if (student !== teacher) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `${name}: the student scores ${student} classes, the teacher ${teacher}; pass scores for the same classes`,
      { student, teacher },
    );
  }
  return student;
}
