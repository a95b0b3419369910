/** A metric by the name that the log has: 'accuracy' and 'eval_accuracy' mean the same. */
export const metricName = (name: string): `eval_${string}` =>
  name.startsWith('eval_') ? (name as `eval_${string}`) : `eval_${name}`;
