// Files to import that only the engine can read (Parquet) lie on our disk, where a ClickHouse server does not see them. Where servers keep
// the tables, an embedded engine of our own is started for such a file, the first time one comes; it holds no tables.
import { type ClickHouse, createClickHouse, ensureEmptyDatabase } from '@sandpiper/clickhouse'

import { startEngine, type ChildDeps } from './children.ts'
import type { Closing } from './closing.ts'
import type { Supervised } from './supervise.ts'

/** What can read files by `file()`. */
export type FileReader = Pick<ClickHouse, 'rows' | 'query'>

/** Starts the engine with the first question; a start that failed is tried again with the next. */
export function createFileReader(deps: ChildDeps, closing: Closing): FileReader {
  let started: Promise<ClickHouse> | null = null

  function reader(): Promise<ClickHouse> {
    started ??= start(deps, closing).catch((err: unknown) => {
      started = null
      throw err
    })
    return started
  }

  return {
    rows: async <Row>(request: Parameters<ClickHouse['rows']>[0]) =>
      (await reader()).rows<Row>(request),
    query: async (request) => (await reader()).query(request),
  }
}

async function start(deps: ChildDeps, closing: Closing): Promise<ClickHouse> {
  const engine: Supervised = await startEngine(deps)
  closing.add('engine that reads files', 1_100, () => engine.stop(1_000))
  const client = createClickHouse({
    url: 'http://engine',
    socketPath: deps.data.sockets.engine,
    loadsFiles: true,
  })
  closing.add('its client', 100, () => client.close())
  await ensureEmptyDatabase(client)
  return client
}
