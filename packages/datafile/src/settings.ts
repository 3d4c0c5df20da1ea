import type { Problems } from './problems.ts'
import type { Directive } from './read-directives.ts'

/** Directives by name. One given twice is warned of and the last one counts, except those that may repeat. */
export function takeOnce(
  directives: readonly Directive[],
  repeatable: ReadonlySet<string>,
  problems: Problems,
): Map<string, Directive> {
  const once = new Map<string, Directive>()
  for (const directive of directives) {
    const { name } = directive
    if (once.has(name) && !repeatable.has(name))
      problems.warn(directive, `${name} is given twice; the last one counts.`)
    once.set(name, directive)
  }
  return once
}

/** A plain record from pairs; a key such as `__proto__` becomes an own property and nothing else. */
export function recordOf(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(pairs)
}
