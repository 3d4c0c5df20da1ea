import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { ErrorBox, Loading } from './states.tsx'

/** Loading, failed or there: shows the right one of the three. */
export function QueryView<Value>({
  query,
  loading,
  children,
}: {
  query: UseQueryResult<Value>
  loading?: ReactNode
  children: (value: Value) => ReactNode
}) {
  if (query.data !== undefined) return children(query.data)
  if (query.isError)
    return (
      <div className="p-4">
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
      </div>
    )
  return loading ?? <Loading />
}
