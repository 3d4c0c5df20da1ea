const CHARACTERS_MAX = 400

/** A value of a result as one line of text; long ones are cut, the whole is in the row's detail. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'string') return cut(value)
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value)
  return cut(JSON.stringify(value))
}

/** Whether a ClickHouse type's values are numbers, which stand right and can be drawn. */
export function isNumeric(type: string): boolean {
  return /^(?:Nullable\(|LowCardinality\(|SimpleAggregateFunction\(\w+, *)*(?:U?Int\d|Float|BFloat|Decimal)/.test(
    type,
  )
}

/** Whether a ClickHouse type's values are points in time. */
export function isTime(type: string): boolean {
  return /^(?:Nullable\(|LowCardinality\()*Date/.test(type)
}

function cut(text: string): string {
  const line = text.replaceAll(/[\n\r\t]/g, ' ')
  return line.length > CHARACTERS_MAX ? `${line.slice(0, CHARACTERS_MAX)}…` : line
}
