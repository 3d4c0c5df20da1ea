// Which secrets a text may use. A secret is a literal word of what a deployer wrote: a name that a caller sends as a parameter opens
// nothing, and neither does an engine parameter (`{name: String}`) that a caller writes to read one that a pipe has bound.
import type { DeploymentMap } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import type { Code, Token, TokenKind } from '@sandpiper/sql'

const NAMED = /\btb_(?:secret|var)\s*\(\s*(?:name\s*=\s*)?(?:"([^"\\]*)"|'([^'\\]*)')/g

/** What tb_secret() finds where nothing may be used. */
export const NO_SECRETS: ReadonlyMap<string, string> = new Map()

/** What stands in place of a secret where somebody could read it. */
export const HIDDEN_SECRET = '***'

const used = new WeakMap<DeploymentMap, boolean>()

/** True when some pipe of the deployment names a secret: otherwise nobody has to ask for them. */
export function usesSecrets(map: DeploymentMap): boolean {
  const known = used.get(map)
  if (known !== undefined) return known
  const texts = Object.values(map.pipes).flatMap(({ file }) => file.nodes.map(({ sql }) => sql))
  const uses = texts.some((sql) => secretNames(sql).size > 0)
  used.set(map, uses)
  return uses
}

/** The names that stand as literals in calls of tb_secret() and tb_var(). */
function secretNames(text: string): ReadonlySet<string> {
  const names = [...text.matchAll(NAMED)].map(([, double, single]) => double ?? single ?? '')
  return new Set(names)
}

/** The secrets that a text names. */
export function secretsNamed(
  text: string,
  secrets: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  if (secrets.size === 0) return NO_SECRETS
  const names = secretNames(text)
  return new Map([...secrets].filter(([name]) => names.has(name)))
}

/** The same names without their values, for explanations and checks. */
export function hideSecrets(secrets: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...secrets.keys()].map((name) => [name, HIDDEN_SECRET]))
}

/**
 * Refuses engine parameters in SQL of a caller, but for those that its own template has bound.
 * @throws fault `query.refused`.
 */
export function refuseParameters(code: Code, bound: ReadonlyMap<string, string>): void {
  for (const [at, { kind, text }] of code.tokens.entries()) {
    if (!isParameter(kind, text, code.tokens[at + 1]) || bound.has(parameterName(text))) continue
    throw fault('query.refused', {
      public:
        '[Error] Engine parameters such as {name: Type} are not allowed. Use a template: begin the query with % and write {{String(name)}}.',
    })
  }
}

// The engine takes blanks and comments inside the braces too. What else begins with a brace is a map, whose first key is a literal.
function isParameter(kind: TokenKind, text: string, next: Token | undefined): boolean {
  if (kind === 'parameter') return true
  return text === '{' && next?.kind !== 'string' && next?.kind !== 'number' && next?.text !== '}'
}

function parameterName(text: string): string {
  return /^\{(\w+): String\}$/.exec(text)?.[1] ?? ''
}
