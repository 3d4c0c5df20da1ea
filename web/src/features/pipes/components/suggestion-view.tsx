import type { UseQueryResult } from '@tanstack/react-query'

import { CodeBlock } from '@/ui/code-block.tsx'
import { ErrorBox, Loading } from '@/ui/states.tsx'

import type { Suggestion } from '../api/get-suggestion.ts'

/** What the server says of a node as a materialization. Nothing when it was not asked. */
export function SuggestionView({
  suggestion,
  sql,
}: {
  suggestion: UseQueryResult<Suggestion>
  /** Of the node, as it is. */
  sql: string
}) {
  if (suggestion.isLoading) return <Loading label="Asking the server what fits" rows={1} />
  if (suggestion.isError) return <ErrorBox error={suggestion.error} />
  if (suggestion.data === undefined) return null
  const { warnings, sql: fitting, endpointSql } = suggestion.data
  return (
    <>
      {warnings.length === 0 ? null : (
        <ul
          aria-label="Warnings of the server"
          className="flex flex-col gap-1 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn"
        >
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {fitting.trim() === sql.trim() ? null : (
        <>
          <p className="text-sm">The SQL of the node becomes</p>
          <CodeBlock label="the SQL of the node" code={fitting} />
          <p className="text-sm">and what reads the data source gives the same rows with</p>
          <CodeBlock label="the SQL that reads it" code={endpointSql} />
        </>
      )}
    </>
  )
}
