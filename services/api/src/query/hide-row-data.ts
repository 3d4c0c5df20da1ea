// Failures for a token that sees some rows only. The engine evaluates in an order of its own, the token's filter or the pipe's condition
// included, and its words may hold a value it stumbled over (`Cannot parse string '...'`), of a row that the token may not see, or count
// what was read of them.
import { Fault, fault } from '@sandpiper/faults'

/** Engine codes of what is wrong with a query whatever the rows are, and of limits that count no row: their texts hold no value of one. */
const WITHOUT_ROWS: ReadonlySet<string> = new Set([
  ...['10', '16', '35', '42', '43', '46', '47', '60', '62', '63'],
  ...['159', '168', '179', '182', '184', '202', '207', '215', '386', '394', '396'],
])

/** The same failure without what the engine says of values, but for its name and code. Anything but a Fault of the engine as it is. */
export function hideRowData(err: unknown): unknown {
  if (!(err instanceof Fault)) return err
  const { headers, public: text } = err.details
  const code = headers?.['X-DB-Exception-Code']
  if (headers === undefined || code === undefined || WITHOUT_ROWS.has(code)) return err
  const name = /\(([A-Z][A-Z0-9_]{2,80})\)\s*$/.exec(text)?.[1]
  const told = `[Error] The query failed. What the engine says is not shown to tokens that see some rows only.${name === undefined ? '' : ` (${name})`}`
  return fault(err.code, { public: told, headers })
}
