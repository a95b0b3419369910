import type { NetworkStyle } from '../marker.ts';
import type { ReportNetwork, RunReport } from './run-report.ts';

/** A network with its looks. */
export interface StyledNetwork extends NetworkStyle, Omit<ReportNetwork, 'name'> {}

/** The trained network first, then its teacher, the baseline and whoever else is compared. */
export function styledNetworks({ student, teacher, baseline, networks }: RunReport): StyledNetwork[] {
  const looks = (network: ReportNetwork | undefined, style: Omit<NetworkStyle, 'name'>): StyledNetwork[] =>
    network ? [{ ...network, ...style }] : [];
  return [
    ...looks(student, STUDENT),
    ...looks(teacher, TEACHER),
    ...looks(baseline, BASELINE),
    ...networks.flatMap((network) => looks(network, { color: 'var(--other)', shape: 'diamond' })),
  ];
}

/** The trained network inside of a sentence: 'the student', 'the model'. */
export const inWords = ({ studentName }: Pick<RunReport, 'studentName'>): string => `the ${studentName.toLowerCase()}`;

export const STUDENT = { color: 'var(--student)', shape: 'triangle' } as const;
export const TEACHER = { color: 'var(--teacher)', shape: 'circle' } as const;
export const BASELINE = { color: 'var(--baseline)', shape: 'square' } as const;
