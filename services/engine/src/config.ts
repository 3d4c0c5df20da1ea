// Configuration of the engine process. Its parent gives everything; started by hand, the defaults do.
import { totalmem } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'

const GIB = 1024 ** 3
const text = z.string().min(1)
const count = (fallback: number, max: number) =>
  z.coerce.number().int().min(1).max(max).default(fallback)

const schema = z.object({
  /** Folder of the engine: `db` (tables), `tmp` (pipes and spooled inserts). */
  SANDPIPER_ENGINE_DIR: text.default('.sandpiper/engine'),
  /** Unix socket to listen on. */
  SANDPIPER_ENGINE_SOCKET: text.optional(),
  /** Port on 127.0.0.1, for tools and tests; 0 takes a free one. Off unless set. */
  SANDPIPER_ENGINE_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** Queries that run at the same time. Needs UV_THREADPOOL_SIZE of 4 more. */
  SANDPIPER_ENGINE_SESSIONS: count(8, 64),
  /** Requests that wait for a session; one more is answered 503. */
  SANDPIPER_ENGINE_QUEUE_MAX: count(256, 100_000),
  /** Memory of all queries together, in bytes. */
  SANDPIPER_ENGINE_MEMORY_BYTES: count(Math.floor(Math.min(totalmem() / 2, 8 * GIB)), 2 ** 50),
  /** Seconds a query may run when it does not say. */
  SANDPIPER_ENGINE_QUERY_SECONDS: count(60, 3600),
  /** Bytes of one spooled INSERT body. */
  SANDPIPER_ENGINE_INSERT_BYTES_MAX: count(4 * GIB, 2 ** 50),
  /** Ends the process when its standard input closes, so that it never outlives its parent. */
  SANDPIPER_ENGINE_WATCH_STDIN: z.enum(['0', '1']).default('0'),
  SANDPIPER_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  UV_THREADPOOL_SIZE: z.coerce.number().int().min(1).default(4),
})

export interface EngineConfig {
  readonly directory: string
  readonly socketPath: string | null
  readonly port: number | null
  readonly sessions: number
  readonly queueMax: number
  readonly memoryBytesMax: number
  readonly querySeconds: number
  readonly insertBytesMax: number
  readonly watchStdin: boolean
  readonly logLevel: string
}

/** Reads and freezes the configuration; makes UTC the time zone of the process. @throws ZodError naming every wrong value. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): EngineConfig {
  // libchdb takes the time zone of the process.
  env['TZ'] = 'UTC'
  const read = schema.parse(env)
  return Object.freeze({
    directory: read.SANDPIPER_ENGINE_DIR,
    // The process changes its working directory later.
    socketPath:
      read.SANDPIPER_ENGINE_SOCKET === undefined ? null : resolve(read.SANDPIPER_ENGINE_SOCKET),
    port: read.SANDPIPER_ENGINE_PORT ?? (read.SANDPIPER_ENGINE_SOCKET === undefined ? 0 : null),
    // Each running query holds a thread of libuv's pool; file and zlib work need some of their own.
    sessions: Math.max(1, Math.min(read.SANDPIPER_ENGINE_SESSIONS, read.UV_THREADPOOL_SIZE - 4)),
    queueMax: read.SANDPIPER_ENGINE_QUEUE_MAX,
    memoryBytesMax: read.SANDPIPER_ENGINE_MEMORY_BYTES,
    querySeconds: read.SANDPIPER_ENGINE_QUERY_SECONDS,
    insertBytesMax: read.SANDPIPER_ENGINE_INSERT_BYTES_MAX,
    watchStdin: read.SANDPIPER_ENGINE_WATCH_STDIN === '1',
    logLevel: read.SANDPIPER_LOG_LEVEL,
  })
}
