/** Attributes as text: equal ones, and only those, have the same. JSON alone writes NaN and both infinities as null. */
export function attributeKey(attrs: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(attrs, (_, value: unknown) =>
    typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)) ? `${value} ${1 / value}` : value,
  );
}
