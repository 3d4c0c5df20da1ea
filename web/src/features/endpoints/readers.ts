// Which static tokens may call an endpoint, the narrowest first.
import type { TokenBody } from '@sandpiper/contracts'

export interface Reader {
  id: string
  name: string
  /** The right that reaches the endpoint. */
  scope: string
  /** Undefined when the caller may not see it. */
  value: string | undefined
  /** True for a token that was made for this and some other endpoints, not for the whole workspace. */
  narrow: boolean
}

const WIDE = ['WORKSPACE:READ_ALL', 'ADMIN', 'ADMIN_USER']

export function readersOf(tokens: readonly TokenBody[], pipe: string): readonly Reader[] {
  return tokens
    .flatMap((token): (Reader & { breadth: number })[] => {
      const isOwn = token.scopes.some(
        ({ type, resource }) => type === 'PIPES:READ' && resource === pipe,
      )
      const wide = token.scopes.find(({ type }) => WIDE.includes(type))?.type
      if (!isOwn && wide === undefined) return []
      const breadth = wide === undefined ? token.scopes.length : 10_000 + WIDE.indexOf(wide)
      const scope = wide ?? `PIPES:READ:${pipe}`
      const { id, name } = token
      return [{ id, name, scope, value: token.token, narrow: wide === undefined, breadth }]
    })
    .sort((a, b) => a.breadth - b.breadth || a.name.localeCompare(b.name))
}
