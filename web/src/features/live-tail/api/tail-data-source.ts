import type { TailBatch, TailEnd } from '@sandpiper/contracts'

import type { Api } from '@/lib/api-client.ts'

import { createEventReader } from '../server-events.ts'

/**
 * Reads what arrives in a data source until the server ends it.
 * @returns why it ended. @throws ApiError when the server refuses, and whatever breaks the connection.
 */
export async function tailDataSource(
  api: Api,
  name: string,
  on: { begin: () => void; batch: (batch: TailBatch) => void },
  signal: AbortSignal,
): Promise<string> {
  const answer = await api.response(`/v0/datasources/${encodeURIComponent(name)}/tail`, {
    headers: { Accept: 'text/event-stream' },
    signal,
  })
  if (answer.body === null) throw new TypeError('The server sent nothing')
  const read = createEventReader()
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    for (const { event, data } of read(next.value)) {
      if (event === 'begin') on.begin()
      if (event === 'rows') on.batch(JSON.parse(data) as TailBatch)
      if (event === 'end') return (JSON.parse(data) as TailEnd).reason
    }
  }
  throw new TypeError('The connection was lost')
}
