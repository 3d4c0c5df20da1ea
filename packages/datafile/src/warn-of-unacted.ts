import type { DatafileKind } from './directive-table.ts'
import type { Problems } from './problems.ts'
import type { Directive } from './read-directives.ts'
import { UNACTED_DIRECTIVES } from './unacted-directives.ts'

/** Warns once per directive that is understood but that nothing acts on yet. */
export function warnOfUnacted(
  kind: DatafileKind,
  directives: readonly Directive[],
  problems: Problems,
): void {
  const warned = new Set<string>()
  for (const directive of directives) {
    const text = UNACTED_DIRECTIVES[kind].get(directive.name)
    if (text === undefined || warned.has(directive.name)) continue
    warned.add(directive.name)
    problems.warn(directive, `${directive.name} ${text}.`)
  }
}
