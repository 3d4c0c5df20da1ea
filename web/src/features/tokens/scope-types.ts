// The rights that a static token can have, as docs/specs/tokens.md has them.

export type ScopeSubject = 'data source' | 'pipe' | 'workspace'

export interface ScopeType {
  type: string
  subject: ScopeSubject
  allows: string
}

export const SCOPE_TYPES: readonly ScopeType[] = [
  { type: 'PIPES:READ', subject: 'pipe', allows: 'Call one endpoint' },
  { type: 'DATASOURCES:APPEND', subject: 'data source', allows: 'Send rows to one data source' },
  { type: 'DATASOURCES:READ', subject: 'data source', allows: 'Read one data source by SQL' },
  { type: 'DATASOURCES:DROP', subject: 'data source', allows: 'Delete rows of one data source' },
  { type: 'PIPES:DROP', subject: 'pipe', allows: 'Run and stop the copies of one pipe' },
  { type: 'DATASOURCES:CREATE', subject: 'workspace', allows: 'Create data sources and send rows' },
  { type: 'PIPES:CREATE', subject: 'workspace', allows: 'Create pipes' },
  { type: 'WORKSPACE:READ_ALL', subject: 'workspace', allows: 'Read everything, change nothing' },
  { type: 'TOKENS', subject: 'workspace', allows: 'Manage tokens below an administrator' },
  { type: 'ADMIN', subject: 'workspace', allows: 'Everything in this workspace' },
]

export function subjectOf(type: string): ScopeSubject {
  return SCOPE_TYPES.find((each) => each.type === type)?.subject ?? 'workspace'
}

export interface DraftScope {
  type: string
  resource: string
}

/** Whether a scope names all it has to. */
export function isComplete({ type, resource }: DraftScope): boolean {
  return subjectOf(type) === 'workspace' || resource !== ''
}

/** As the server wants them. */
export function scopesOf(drafts: readonly DraftScope[]): { type: string; resource?: string }[] {
  return drafts.map(({ type, resource }) =>
    subjectOf(type) === 'workspace' ? { type } : { type, resource },
  )
}
