import type { TokenLine } from './model.ts'
import type { Problems } from './problems.ts'
import { closingQuote } from './quoting.ts'
import type { Directive } from './read-directives.ts'

/** Reads `TOKEN <name> [READ|APPEND]`. The name may be quoted and then hold anything. null when reported or without meaning. */
export function parseTokenLine(
  directive: Directive,
  kind: 'datasource' | 'pipe',
  problems: Problems,
): TokenLine | null {
  const parts = splitName(directive.raw)
  if (parts === null || parts.name === '') {
    problems.error(directive, 'TOKEN needs a name and a scope', HINT[kind])
    return null
  }
  const words = parts.rest.split(/\s+/).filter((each) => each !== '')
  const scope = words[0]?.toUpperCase() ?? (kind === 'pipe' ? 'READ' : undefined)
  if (scope === undefined || words.length > 1) {
    problems.error(directive, 'TOKEN takes two arguments, a name and a scope', HINT[kind])
    return null
  }
  if (scope === 'CREATE') {
    problems.warn(
      directive,
      'TOKEN with scope CREATE is ignored: resources are created by deployments.',
    )
    return null
  }
  if (scope === 'READ' || (scope === 'APPEND' && kind === 'datasource'))
    return { name: parts.name, scope }
  problems.error(directive, `TOKEN scope '${words[0] ?? ''}' is not valid`, HINT[kind])
  return null
}

/** The shortest spelling of a token name that is read back unchanged. */
export function printTokenName(name: string): string {
  if (/^[^\s"'\\#>]+$/.test(name)) return name
  if (!/["\\]/.test(name)) return `"${name}"`
  if (!/['\\]/.test(name)) return `'${name}'`
  return `"${name.replace(/[\\"]/g, (char) => `\\${char}`)}"`
}

const HINT = {
  datasource: 'Write TOKEN name READ or TOKEN name APPEND; put a name with spaces in quotes.',
  pipe: 'Write TOKEN name READ; put a name with spaces in quotes.',
}

function splitName(raw: string): { name: string; rest: string } | null {
  if (raw.startsWith('"') || raw.startsWith("'")) {
    const close = closingQuote(raw)
    if (close < 0) return null
    return { name: unescape(raw.slice(1, close)), rest: raw.slice(close + 1) }
  }
  const end = raw.search(/\s/)
  return end < 0 ? { name: raw, rest: '' } : { name: raw.slice(0, end), rest: raw.slice(end) }
}

function unescape(text: string): string {
  return text.replace(/\\([\\"'])/g, '$1')
}
