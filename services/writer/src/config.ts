// Configuration of the writer process. Its parent gives everything.
import { z } from 'zod'
import { LOAD_STEPS } from './load-contract.ts'

const text = z.string().min(1)
const count = (fallback: number, max: number) =>
  z.coerce.number().int().min(1).max(max).default(fallback)

const schema = z.object({
  /** Folder of the event log's segments. */
  SANDPIPER_LOG_DIR: text,
  /** Unix socket on which the process that ingests serves the link. */
  SANDPIPER_LINK_SOCKET: text,
  /** Folder of the files that batches are loaded from; the engine must be able to read in it. */
  SANDPIPER_SPOOL_DIR: text,
  /** Unix socket of the engine. */
  SANDPIPER_ENGINE_SOCKET: text,
  /** Connection string of the catalog. */
  DATABASE_URL: text,
  /** Loads that run at the same time. */
  SANDPIPER_WRITER_LOADS_MAX: count(4, 64),
  /** Loads started per second, all data sources together. */
  SANDPIPER_WRITER_LOADS_PER_SECOND_MAX: count(200, 10_000),
  /** Processors of the engine that loads may use while batches are small; fewer and larger batches follow. */
  SANDPIPER_WRITER_LOAD_PROCESSORS_MAX: z.coerce.number().min(0.05).max(64).default(0.45),
  /** Rows of one batch. */
  SANDPIPER_WRITER_BATCH_ROWS_MAX: count(200_000, 10_000_000),
  /** Bytes of one batch, as in the log. */
  SANDPIPER_WRITER_BATCH_BYTES_MAX: count(64 * 1_048_576, 1_073_741_824),
  /** Milliseconds the first waiting row may wait for company. */
  SANDPIPER_WRITER_BATCH_AGE_MS_MAX: z.coerce.number().int().min(0).max(60_000).default(0),
  /** Ends the process with SIGKILL when it reaches this step of a load; for tests of crashes only. */
  SANDPIPER_WRITER_DIE_AT: z.enum(LOAD_STEPS).optional(),
  SANDPIPER_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info'),
})

export interface WriterConfig {
  readonly logDir: string
  readonly linkSocketPath: string
  readonly spoolDir: string
  readonly engineSocketPath: string
  readonly catalogUrl: string
  readonly loadsMax: number
  readonly loadsPerSecondMax: number
  readonly loadProcessorsMax: number
  readonly batchRowsMax: number
  readonly batchBytesMax: number
  readonly batchAgeMsMax: number
  readonly dieAt: string | null
  readonly logLevel: string
}

/** Reads and freezes the configuration. @throws ZodError naming every wrong value. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): WriterConfig {
  const read = schema.parse(env)
  return Object.freeze({
    logDir: read.SANDPIPER_LOG_DIR,
    linkSocketPath: read.SANDPIPER_LINK_SOCKET,
    spoolDir: read.SANDPIPER_SPOOL_DIR,
    engineSocketPath: read.SANDPIPER_ENGINE_SOCKET,
    catalogUrl: read.DATABASE_URL,
    loadsMax: read.SANDPIPER_WRITER_LOADS_MAX,
    loadProcessorsMax: read.SANDPIPER_WRITER_LOAD_PROCESSORS_MAX,
    loadsPerSecondMax: read.SANDPIPER_WRITER_LOADS_PER_SECOND_MAX,
    batchRowsMax: read.SANDPIPER_WRITER_BATCH_ROWS_MAX,
    batchBytesMax: read.SANDPIPER_WRITER_BATCH_BYTES_MAX,
    batchAgeMsMax: read.SANDPIPER_WRITER_BATCH_AGE_MS_MAX,
    dieAt: read.SANDPIPER_WRITER_DIE_AT ?? null,
    logLevel: read.SANDPIPER_LOG_LEVEL,
  })
}
