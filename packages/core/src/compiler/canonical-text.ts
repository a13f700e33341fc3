/** Equal for equal plain data, different for different: unlike JSON it tells −0, NaN and infinities apart. */
export function canonicalText(data: unknown): string {
  return (
    JSON.stringify(data, (_, value: unknown) => {
      if (typeof value !== 'number') return value;
      if (Object.is(value, -0)) return '-0';
      return Number.isFinite(value) ? value : `${value}`;
    }) ?? 'undefined'
  );
}
