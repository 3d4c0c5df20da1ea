import { fault, type Fault } from '@sandpiper/faults'

import type { CompiledQuery } from './compiled-query.ts'

/** Faults whose text the engine wrote, with values of the query in it. */
const TELLING: ReadonlySet<string> = new Set(['query.failed', 'query.refused'])

/**
 * Takes everything but the engine's word for it from the failure of a query that a secret was bound to: its value, or a piece of it, may
 * stand in the message (`Cannot parse string '...'`), escaped or cut, so that looking for it would miss it.
 */
export function hideSecretValues(err: Fault, { params }: Pick<CompiledQuery, 'params'>): Fault {
  if (Object.keys(params).length === 0) return err
  const { headers, public: text } = err.details
  const word = /\(([A-Z][A-Z0-9_]{2,80})\)\s*$/.exec(text)?.[1]
  const told = `[Error] The query failed. What the engine says is not shown, for the query uses a secret.${word === undefined ? '' : ` (${word})`}`
  return fault(err.code, {
    public: TELLING.has(err.code) ? told : text,
    ...(headers === undefined ? {} : { headers }),
  })
}
