// What the scopes of a static token allow, as packages/tokens/src/rights.ts has it: to show no button that the server would refuse.
import type { ScopeBody } from '@sandpiper/contracts'

export type Act =
  /** Drafts, publishing, dashboards, saved queries: whatever changes the workspace. */
  | 'change the workspace'
  | 'create data sources'
  | 'run nodes'
  | 'manage tokens'
  | { append: string }
  | { replace: string }
  | { drop: string }

/** Whether a token with these scopes may do it. What a scope is about goes by its name. */
export function mayDo(scopes: readonly ScopeBody[], act: Act): boolean {
  const has = (type: string, resource?: string): boolean =>
    scopes.some((scope) => scope.type === type && scope.resource === resource)
  if (has('ADMIN') || has('ADMIN_USER')) return true
  if (act === 'change the workspace') return false
  if (act === 'create data sources') return has('DATASOURCES:CREATE')
  if (act === 'run nodes') return has('PIPES:CREATE')
  if (act === 'manage tokens') return has('TOKENS')
  if ('drop' in act) return has('DATASOURCES:DROP', act.drop)
  const name = 'append' in act ? act.append : act.replace
  if (has('DATASOURCES:CREATE')) return true
  return has('DATASOURCES:APPEND', name) && ('append' in act || has('DATASOURCES:DROP', name))
}
