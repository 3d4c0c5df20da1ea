/**
 * `COLUMNS(...)` for these columns in the order of what is read, in place of a `*`: a deployment that is staged adds its columns to the same
 * table, and nobody has looked whether those hold dictionaries.
 * @param columns at least one.
 * @param nested whether a name may be of a Nested, which is several columns: `a.b` and `a.c`.
 */
export function namedColumns(
  columns: readonly { readonly name: string }[],
  { nested }: { readonly nested: boolean },
): string {
  const literal = columns.map(({ name }) => name.replaceAll(/[^\w\u0080-\uffff]/g, '\\$&'))
  const pattern = `^(?:${literal.join('|')})${nested ? '(?:$|\\.)' : '$'}`
  return `COLUMNS('${pattern.replaceAll(/[\\']/g, '\\$&')}')`
}
