// Names in and out of SQL text. Values are not quoted here: that is the template package's one escaper.
import type { Token } from './token.ts'

/** Writes a name as a back-quoted identifier. Any text is safe: backslash, backtick and control characters are escaped. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replace(/[\\`\0\n\r\t]/g, (character) => ESCAPES[character] ?? `\\${character}`)}\``
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}
const UNESCAPES: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
  ['a', '\x07'],
  ['e', '\x1b'],
])

/** The name a `word` or `identifier` token stands for, or the text inside a `string` or `heredoc` token; null for other kinds. */
export function decodeToken(token: Pick<Token, 'kind' | 'text'>): string | null {
  const { kind, text } = token
  if (kind === 'word') return text
  if (kind === 'heredoc') return decodeHeredoc(text)
  if (kind !== 'identifier' && kind !== 'string') return null
  const quote = text[0] ?? ''
  if (quote === '‘' || quote === '“') return text.slice(1, -1)
  if (/^[xXbB]$/.test(quote)) return text.slice(2, -1)
  return unescapeQuoted(text.slice(1, -1), quote)
}

function decodeHeredoc(text: string): string {
  const tagLength = text.indexOf('$', 1) + 1
  return text.slice(tagLength, text.length - tagLength)
}

/** `\N` and unknown escapes follow the engine: an unknown escape keeps its backslash. */
function unescapeQuoted(inner: string, quote: string): string {
  return inner.replace(
    /\\x([0-9A-Fa-f]{2})|\\([^])|(['"`])\3/g,
    (whole, hex?: string, escaped?: string, doubled?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
      if (escaped !== undefined) {
        if ('\\\'"`/='.includes(escaped)) return escaped
        return UNESCAPES.get(escaped) ?? whole
      }
      return doubled === quote ? quote : whole
    },
  )
}
