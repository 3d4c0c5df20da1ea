// Connections that are set up and wait for a request with the very same settings. A few statements' worth of work each, and bounded:
// over the bound the one that has waited longest is closed.
import type { Database } from './database.ts'
import type { Connection } from './native.ts'

/** A connection that is set up. */
export interface IdleConnection {
  readonly connection: Connection
  /** All that was set on it, but for its mark. */
  readonly text: string
  readonly mark: string
  /** Requests that had it. */
  readonly uses: number
}

/** What is kept. */
export interface IdleConnections {
  /** One that was set up with exactly this text, now the caller's alone; null when there is none. */
  take(text: string): IdleConnection | null
  put(connection: IdleConnection): void
  close(): void
}

/** After as many requests a connection is closed, so that whatever gathers on one has an end. */
const USES_MAX = 1_000

/** Makes an empty one. @param max connections kept. */
export function createIdleConnections(
  database: Pick<Database, 'native'>,
  max: number,
): IdleConnections {
  const idle: IdleConnection[] = []
  const close = ({ connection }: IdleConnection): void => {
    database.native.CloseConnection(connection)
  }
  return {
    take(text) {
      const at = idle.findLastIndex((each) => each.text === text)
      const [found] = at === -1 ? [] : idle.splice(at, 1)
      return found ?? null
    },
    put(connection) {
      const used = { ...connection, uses: connection.uses + 1 }
      if (used.uses >= USES_MAX) {
        close(used)
        return
      }
      idle.push(used)
      if (idle.length > max) idle.splice(0, idle.length - max).forEach(close)
    },
    close() {
      idle.splice(0).forEach(close)
    },
  }
}
