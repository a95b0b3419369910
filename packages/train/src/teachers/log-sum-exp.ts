/** `log(sum(exp(values / temperature)))` in float64; -Infinity of nothing. */
export function logSumExp(values: ArrayLike<number>, temperature = 1): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]! / temperature);
  if (most === Number.NEGATIVE_INFINITY) return most;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! / temperature - most);
  return most + Math.log(sum);
}
