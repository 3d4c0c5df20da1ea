import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { dataSourceKeys } from './keys.ts'

/** The data source as a `.datasource` file. */
export function useDatafile(name: string) {
  const api = useApi()
  return useQuery({
    queryKey: dataSourceKeys.part(api.place, name, 'datafile'),
    queryFn: ({ signal }) =>
      api.text(`/v0/datasources/${encodeURIComponent(name)}.datasource`, { signal }),
  })
}
