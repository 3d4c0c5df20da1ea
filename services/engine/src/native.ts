// The seam to libchdb. The package's own Session is not used: its close() waits for every query of the process to end, so
// under load closed sessions would pile up. One connection runs one call at a time; the callers in this service keep to that.
import { createRequire } from 'node:module'

/** A connection of libchdb: settings, parameters, database and temporary tables live and die with it. Opening takes 0.3 ms. */
export type Connection = object & { readonly connection: never }

interface NativeResult {
  readonly bytes: Uint8Array
  /** Rows and bytes of the result, not of what was read. */
  readonly rowsRead: number
  readonly bytesRead: number
}

export interface Native {
  /** @param args command line of `clickhouse local`; only the first connection of a process may have them. */
  CreateConnection(path: string, args?: readonly string[]): Connection
  CloseConnection(connection: Connection): void
  /** Runs a text off the event loop. Every statement of the text runs: refuse more than one before. */
  QueryAsyncConnection(connection: Connection, sql: string, format: string): Promise<NativeResult>
  /** As above, and tells how many rows were written, views included. Does nothing for INSERT FROM INFILE. */
  InsertRawAsyncConnection(
    connection: Connection,
    sql: string,
    data: Buffer,
    countLines: false,
  ): Promise<{ readonly rowsWritten: number; readonly bytesWritten: number }>
  /** How many statements the engine's own parser sees; 0 when it cannot parse the text. Runs nothing. */
  DurableClassifyAsync(
    connection: Connection,
    sql: string,
    database: null,
  ): Promise<{ readonly statementCount: number }>
}

/** Loads the addon (the 566 MB library is mapped, not read). */
export function loadNative(): Native {
  const require = createRequire(import.meta.url)
  const chdb = require.resolve('chdb')
  const { loadNative } = createRequire(chdb)('./dist/loader.js') as { loadNative: () => Native }
  return loadNative()
}
