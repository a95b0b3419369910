import { predictions } from '@kd/metrics';
import { probabilities, surest } from './probabilities.ts';
import type { ReportAnswers } from './run-report.ts';

/** Wrong answers, those first that give the right class the least: rows of the answers. */
export function worstRows({ labels, ...answers }: ReportAnswers, count: number): number[] {
  const predicted = predictions(answers.logits, labels.length);
  const wrong = [...labels.keys()].filter((row) => predicted[row] !== labels[row]);
  const ofTruth = new Map(wrong.map((row) => [row, probabilities(answers, row)[labels[row]!]!]));
  return wrong.sort((a, b) => ofTruth.get(a)! - ofTruth.get(b)!).slice(0, count);
}

/**
 * Where student and teacher answer differently, the surest contradictions first.
 *
 * @returns rows of the answers, and how many there are in all
 */
export function disagreedRows(answers: ReportAnswers, count: number): { rows: number[]; total: number } {
  const { teacherLogits, labels, classes } = answers;
  if (!teacherLogits) return { rows: [], total: 0 };
  const teacher = { logits: teacherLogits, classes };
  const [ofStudent, ofTeacher] = [answers.logits, teacherLogits].map((logits) => predictions(logits, labels.length));
  const differing = [...labels.keys()].filter((row) => ofStudent![row] !== ofTeacher![row]);
  const certainty = new Map(
    differing.map((row) => {
      const sure = surest(probabilities(answers, row)).probability * surest(probabilities(teacher, row)).probability;
      return [row, sure];
    }),
  );
  differing.sort((a, b) => certainty.get(b)! - certainty.get(a)!);
  return { rows: differing.slice(0, count), total: differing.length };
}
