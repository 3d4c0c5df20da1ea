import type { DataSourceBody } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '../api-client.ts'
import { useApi } from '../api-context.ts'
import { catalogKeys } from './keys.ts'

/** Data sources of the live deployment, with columns and counts. Shared: most features name data sources. */
export const dataSourcesQuery = (api: Api) =>
  queryOptions({
    queryKey: catalogKeys.dataSources(api.place),
    queryFn: async ({ signal }) => {
      const { datasources } = await api.json<{ datasources: DataSourceBody[] }>('/v0/datasources', {
        signal,
      })
      return datasources
    },
  })

export const useDataSources = () => useQuery(dataSourcesQuery(useApi()))
