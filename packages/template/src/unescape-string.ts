const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', ''],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
])

/** What the escapes of a Python string literal stand for; what is no escape stays as it is. */
export function unescapeString(inner: string): string {
  return inner.replace(
    /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U000[0-9a-fA-F]{5}|U0010[0-9a-fA-F]{4}|[0-7]{1,3}|[^])/gu,
    (whole, code: string) => {
      if (code.length > 1 && /^[xuU]/.test(code))
        return String.fromCodePoint(Number.parseInt(code.slice(1), 16))
      if (/^[0-7]+$/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8))
      return ESCAPES.get(code) ?? whole
    },
  )
}
