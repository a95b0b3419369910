import { KdError } from '@kd/core';
import type { Folder } from './folder.ts';
import { loadNetwork } from './load-network.ts';
import type { Network } from './network.ts';

export const ROLES = ['teacher', 'student'] as const;
type Role = (typeof ROLES)[number];
/** What there is of each network; a student may come without its teacher. */
export type ByRole<Value> = Partial<Record<Role, Value>>;

/**
 * Loads teacher and student from their folders, as far as these can be used.
 *
 * @returns the networks, and what is wrong with the first that is missing among them
 */
export async function loadPair(folders: ByRole<Folder>): Promise<{ networks: ByRole<Network>; problem?: KdError }> {
  const networks: ByRole<Network> = {};
  const problems: KdError[] = [];
  const refuse = (role: Role, cause: unknown): void => {
    const why = String((cause as Error).message ?? cause).replace(/^[\w.]+: /, '');
    problems.push(new KdError('INVALID_DATA', `loadPair: cannot use the ${role}: ${why}`, { role }, { cause }));
  };
  for (const role of ROLES) {
    const folder = folders[role];
    if (!folder) continue;
    try {
      networks[role] = await loadNetwork(folder);
    } catch (cause) {
      refuse(role, cause);
    }
  }
  const { teacher, student } = networks;
  if (teacher && student && teacher.imageShape[2] !== student.imageShape[2]) {
    const [of, by] = [teacher, student].map(({ imageShape }) => imageShape.join(' × '));
    refuse('teacher', new Error(`it looks at images of ${of}, the student at ${by}: they are not of one run`));
    teacher.dispose();
    delete networks.teacher;
  }
  return { networks, ...(problems[0] ? { problem: problems[0] } : {}) };
}
