// One data directory and what is reserved on it: the control connection, which only kills, and the server-wide limits.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { type Connection, loadNative, type Native } from './native.ts'
import { quoteString } from './prelude.ts'

export interface Database {
  readonly native: Native
  readonly version: string
  readonly displayName: string
  /** Names of the pipes in the working directory, one per session. */
  readonly pipes: readonly string[]
  open(): Connection
  /** Asks the engine to stop the query that carries this mark. Returns at once; call again until it ended. */
  kill(mark: string): Promise<void>
  close(): void
}

/** The setting that carries our mark of a query: the id of a query cannot be set, and this one does nothing here. */
export const MARK_SETTING = 'stream_like_engine_insert_queue'

/**
 * Opens the data directory and makes `<directory>/tmp` the working directory of the process, so that no path with quotes or
 * glob characters ever stands in SQL. @throws Error with one clear line when another process has the directory.
 */
export async function openDatabase(
  directory: string,
  options: { readonly memoryBytesMax: number; readonly sessions: number },
): Promise<Database> {
  const root = resolve(directory)
  const tmp = join(root, 'tmp')
  const tables = join(root, 'db', 'store')
  mkdirSync(tables, { recursive: true, mode: 0o700 })
  spreadFolders(tables)
  const config = join(root, 'config.xml')
  writeFileSync(
    config,
    `<clickhouse>${elements(serverSettings(options.memoryBytesMax))}<merge_tree>${elements(MERGE_TREE_SETTINGS)}</merge_tree></clickhouse>\n`,
    { mode: 0o600 },
  )
  const native = loadNative()
  const path = join(root, 'db')
  const control = openFirst(native, path, config)
  // Only now: another process that has the directory may be using its tmp.
  rmSync(tmp, { recursive: true, force: true })
  mkdirSync(tmp, { mode: 0o700 })
  process.chdir(tmp)
  const pipes = Array.from({ length: options.sessions }, (_, index) => `out-${index}`)
  execFileSync('mkfifo', ['-m', '600', ...pipes])
  const [version = '', displayName = ''] = await readRow(native, control)
  let killing: Promise<unknown> = Promise.resolve()
  return {
    native,
    version,
    displayName,
    pipes,
    open: () => native.CreateConnection(path),
    kill(mark) {
      const sql = `KILL QUERY WHERE Settings['${MARK_SETTING}'] = ${quoteString(mark)} ASYNC`
      const run = (): Promise<unknown> => native.QueryAsyncConnection(control, sql, 'Null')
      const killed = killing.then(run, run)
      killing = killed.catch(() => undefined)
      return killed.then(() => undefined)
    },
    close: () => {
      native.CloseConnection(control)
    },
  }
}

/**
 * What a table has unless it says otherwise. The engine's own choice merges every five parts, though 300 are no burden: of a small
 * load, its merges cost more processor time and syncs than the load. Sixteen of a size leave a few dozen parts in a busy partition.
 * Marks of substreams are one file and one sync more of each small part, for reading a subcolumn of it alone.
 */
const MERGE_TREE_SETTINGS = {
  min_parts_to_merge_at_once: 16,
  write_marks_for_substreams_in_compact_parts: 0,
}

/** How far merges stand back behind queries, where the process may change that; see also stand-back.ts. */
export const MERGE_NICENESS = 15

/** Caches are bounded for a small machine: the engine's own bounds are gigabytes, which a long life fills. */
function serverSettings(memoryBytesMax: number): Record<string, number> {
  return {
    max_server_memory_usage: memoryBytesMax,
    mark_cache_size: 128 * 1_048_576,
    primary_index_cache_size: 128 * 1_048_576,
    index_mark_cache_size: 64 * 1_048_576,
    compiled_expression_cache_size: 64 * 1_048_576,
    os_threads_nice_value_merge_mutate: MERGE_NICENESS,
  }
}

function elements(settings: Readonly<Record<string, number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')
}

/**
 * Asks ext4 to keep each table in a region of the disk of its own. Otherwise all tables share one, and there a new file may be looked
 * for past every file that was deleted lately: a part is a dozen files, and that took two thirds of the engine's processor time on a
 * file system without a journal. Other file systems have no such wish; then nothing is lost.
 */
function spreadFolders(folder: string): void {
  spawnSync('chattr', ['+T', folder], { stdio: 'ignore' })
}

function openFirst(native: Native, path: string, config: string): Connection {
  try {
    return native.CreateConnection(path, [`--config-file=${config}`])
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`cannot open the engine's directory ${path}: ${message}`, { cause })
  }
}

async function readRow(native: Native, connection: Connection): Promise<string[]> {
  const result = await native.QueryAsyncConnection(
    connection,
    'SELECT version(), displayName()',
    'TSV',
  )
  return Buffer.from(result.bytes).toString().trim().split('\t')
}
