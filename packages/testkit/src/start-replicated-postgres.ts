// A Postgres with a replica behind one address, as managed ones are: it can be killed, come back, and fail over to the replica.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { freePort } from './free-port.ts'
import { commandAs } from './command-as.ts'

/** What a test does to it. */
export interface ReplicatedPostgres {
  /** The address that stays, whichever server is behind it. */
  readonly connection: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly database: string
  }
  /** SIGKILL of the server that is behind the address. */
  kill(): Promise<void>
  /** Starts that one again. */
  restart(): Promise<void>
  /** Makes the replica the server behind the address. Connections to the one before stay open where it lives. */
  failOver(): Promise<void>
  /** One statement on the server that is behind the address at first. */
  ask(sql: string): Promise<void>
  stop(): Promise<void>
}

const NOBODY = 65_534
const run = promisify(execFile)

/** Starts both on loopback; takes about 3 s. The replica is synchronous: it has whatever was committed. */
export async function startReplicatedPostgres(): Promise<ReplicatedPostgres> {
  const script = fileURLToPath(new URL('../../../scripts/ensure-postgres.mjs', import.meta.url))
  const bin = (await run(process.execPath, [script])).stdout.trim()
  const folder = mkdtempSync(join(tmpdir(), 'sp-pgr-'))
  const user = process.getuid?.() === 0 ? NOBODY : null
  if (user !== null) chownSync(folder, user, user)
  const program = async (name: string, args: readonly string[]): Promise<void> => {
    const command = commandAs(user, join(bin, name), args)
    await run(command.file, command.args, { ...command.ids, cwd: folder })
  }
  const server = (name: string, port: number, flags: readonly string[]) =>
    createServerProcess({ bin, folder, user, name, port, flags })
  const [ports, address] = [[await freePort(), await freePort()] as const, openAddress()]
  await program('initdb', [
    ...['-D', join(folder, 'primary'), '-U', 'sandpiper', '-A', 'trust', '-E', 'UTF8'],
    ...['--locale=C', '--no-sync'],
  ])
  const primary = server('primary', ports[0], [])
  await primary.start()
  await program('pg_basebackup', [
    ...['-h', folder, '-p', String(ports[0]), '-U', 'sandpiper', '-D', join(folder, 'replica')],
    ...['-R', '--no-sync', '-X', 'stream', '-c', 'fast'],
  ])
  const replica = server('replica', ports[1], ['-c', 'hot_standby=on'])
  await replica.start()
  const ask = (sql: string): Promise<void> =>
    program('psql', [
      ...['-h', folder, '-p', String(ports[0]), '-U', 'sandpiper', '-d', 'postgres', '-c', sql],
    ])
  await ask(`ALTER SYSTEM SET synchronous_standby_names = '*'`)
  await ask('SELECT pg_reload_conf()')
  const front = await address.to(ports[0])
  return {
    connection: { host: '127.0.0.1', port: front, user: 'sandpiper', database: 'postgres' },
    ask,
    kill: () => primary.end('SIGKILL'),
    restart: () => primary.start(),
    async failOver() {
      await program('pg_ctl', ['promote', '-w', '-D', join(folder, 'replica')])
      await address.to(ports[1])
    },
    async stop() {
      address.close()
      await Promise.all([primary.end('SIGQUIT'), replica.end('SIGQUIT')])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface ServerPlace {
  readonly bin: string
  readonly folder: string
  readonly user: number | null
  readonly name: string
  readonly port: number
  readonly flags: readonly string[]
}

function createServerProcess({ bin, folder, user, name, port, flags }: ServerPlace) {
  let child: ChildProcess | null = null
  return {
    async start(): Promise<void> {
      const settings = [`port=${port}`, `unix_socket_directories=${folder}`, 'fsync=off']
      const args = ['-D', join(folder, name), '-h', '127.0.0.1', ...flags]
      const command = commandAs(user, join(bin, 'postgres'), [
        ...args,
        ...settings.flatMap((setting) => ['-c', setting]),
      ])
      const started = spawn(command.file, command.args, {
        ...command.ids,
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      child = started
      await new Promise<void>((resolve, reject) => {
        let text = ''
        started.stderr.on('data', (chunk: Buffer) => {
          text = (text + chunk.toString()).slice(-10_000)
          if (/ready to accept (read-only )?connections/.test(text)) resolve()
        })
        started.once('exit', () => {
          reject(new Error(`Postgres ended while starting: ${text}`))
        })
      })
    },
    async end(signal: NodeJS.Signals): Promise<void> {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    },
  }
}

/** A port that leads to one server, later to another; connections stay where they are. */
function openAddress() {
  let target = 0
  const open = new Set<Socket>()
  const server: Server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
  })
  return {
    async to(port: number): Promise<number> {
      target = port
      if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
      return (server.address() as AddressInfo).port
    },
    close(): void {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
