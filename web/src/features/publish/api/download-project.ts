import { useMutation } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'
import { isForbidden } from '@/lib/api-error.ts'
import { download } from '@/lib/download.ts'
import { getLiveDatafile } from '@/lib/project/get-live-datafile.ts'
import { createTurns } from '@/lib/turns.ts'

const FOLDERS = { pipe: 'pipes', datasource: 'datasources', connection: 'connections' } as const

/** The live project's datafiles by their paths, as `sandpiper pull` writes them. */
async function getProject(api: Api): Promise<Record<string, string>> {
  const [pipes, sources, connections] = await Promise.all([
    api.json<{ pipes: { name: string }[] }>('/v0/pipes'),
    api.json<{ datasources: { name: string }[] }>('/v0/datasources'),
    api.json<{ connectors: { name: string }[] }>('/v0/connectors').catch(noneIfForbidden),
  ])
  const names = [
    ...pipes.pipes.map(({ name }) => ({ name, kind: 'pipe' as const })),
    ...sources.datasources.map(({ name }) => ({ name, kind: 'datasource' as const })),
    ...connections.connectors.map(({ name }) => ({ name, kind: 'connection' as const })),
  ]
  const inTurn = createTurns(6)
  const files = await Promise.all(
    names.map(({ name, kind }) =>
      inTurn(async (): Promise<[string, string]> => [
        `${FOLDERS[kind]}/${name}.${kind}`,
        (await getLiveDatafile(api, `${name}.${kind}`)) ?? '',
      ]),
    ),
  )
  return Object.fromEntries(files.filter(([, text]) => text !== ''))
}

function noneIfForbidden(err: unknown): { connectors: { name: string }[] } {
  if (isForbidden(err)) return { connectors: [] }
  throw err
}

/** Hands the live project to the browser as a zip. */
export function useDownloadProject(name: string) {
  const api = useApi()
  return useMutation({
    mutationFn: async () => {
      const [files, { zipSync, strToU8 }] = await Promise.all([getProject(api), import('fflate')])
      const packed = zipSync(
        Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)])),
      )
      download(`${name}.zip`, packed.slice().buffer, 'application/zip')
      return Object.keys(files).length
    },
  })
}
