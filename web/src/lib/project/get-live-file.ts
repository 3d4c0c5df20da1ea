import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '../api-client.ts'
import { useApi } from '../api-context.ts'
import { catalogKeys } from '../catalog/keys.ts'
import { getLiveDatafile } from './get-live-datafile.ts'

/** The published text of a datafile; null when there is none. Goes stale with every promotion. */
const liveFileQuery = (api: Api, file: string) =>
  queryOptions({
    queryKey: [...catalogKeys.all(api.place), 'file', file],
    queryFn: ({ signal }) => getLiveDatafile(api, file, signal),
  })

export const useLiveFile = (file: string) => useQuery(liveFileQuery(useApi(), file))
