// A token as its form has it: everything as text.
import type { TokenBody } from '@sandpiper/contracts'

import type { NewToken } from './api/create-token.ts'
import { type DraftScope, isComplete, scopesOf } from './scope-types.ts'

export interface TokenDraft {
  name: string
  description: string
  scopes: readonly DraftScope[]
  /** By the name of the limit; empty: none. */
  limits: Readonly<Record<string, string>>
}

export const EMPTY_TOKEN: TokenDraft = {
  name: '',
  description: '',
  scopes: [{ type: 'PIPES:READ', resource: '' }],
  limits: {},
}

export function draftOf({ name, description, scopes, limits = {} }: TokenBody): TokenDraft {
  return {
    name,
    description,
    scopes: scopes.map(({ type, resource = '' }) => ({ type, resource })),
    limits: Object.fromEntries(
      Object.entries(limits).map(([limit, value]) => [limit, String(value)]),
    ),
  }
}

export function tokenOf({ name, description, scopes, limits }: TokenDraft): NewToken {
  const set = Object.entries(limits).filter(([, value]) => value.trim() !== '')
  return {
    name: name.trim(),
    description,
    scopes: scopesOf(scopes),
    limits: Object.fromEntries(set.map(([limit, value]) => [limit, Number(value)])),
  }
}

export function isReady({ name, scopes }: TokenDraft): boolean {
  return name.trim() !== '' && scopes.every(isComplete)
}
