// Mounts faultfs (native/faultfs.c) over a directory. Its compiler and FUSE come from the system's packages; where they are missing the
// campaign fails with the one command that brings them: a proof that is skipped proves nothing.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export interface FaultFileSystem {
  /** Where the product's files are seen through the faults. */
  readonly mount: string
  readonly journal: string
  /** Sets a mark behind everything that was done before. */
  mark(text: string): void
  /** Adds a rule, e.g. `sync errno 5 /data/log/*`; see native/faultfs.c. */
  rule(rule: string): void
  clearRules(): void
  /** Waits until the journal file has everything. */
  flush(): void
  /** Nothing of the mount may be in use any more. Idempotent. */
  unmount(): Promise<void>
}

const SOURCE = fileURLToPath(new URL('native/faultfs.c', import.meta.url))
const INSTALL =
  'apt-get install -y --no-install-recommends gcc libc6-dev pkg-config libfuse3-dev fuse3 strace'

/** Mounts `backing` at `mount`; both are made when missing. @throws Error with what is missing on this machine. */
export async function mountFaults(
  backing: string,
  journal: string,
  mount: string,
): Promise<FaultFileSystem> {
  const program = compileFaultfs()
  for (const folder of [backing, mount]) mkdirSync(folder, { recursive: true })
  const child = spawn(
    program,
    [backing, journal, mount, '-f', '-o', 'allow_other,default_permissions'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = once(child, 'exit')
  const onExit = (): void => void spawnSync('fusermount3', ['-uz', mount])
  process.on('exit', onExit)
  const control = join(mount, '.faultfs')
  for (let waited = 0; !existsSync(control); waited += 20) {
    if (child.exitCode !== null || waited > 10_000) {
      throw new Error(
        `the fault file system could not be mounted: ${said}\nFUSE is needed: /dev/fuse, and once: ${INSTALL}`,
      )
    }
    await pause(20)
  }
  const commands = openSync(control, 'w')
  let isMounted = true
  return {
    mount,
    journal,
    mark: (text) => void writeSync(commands, `mark ${text}\n`),
    rule: (rule) => void writeSync(commands, `rule ${rule}\n`),
    clearRules: () => void writeSync(commands, 'clear\n'),
    flush: () => void writeSync(commands, 'flush\n'),
    async unmount() {
      if (!isMounted) return
      isMounted = false
      closeSync(commands)
      for (
        let tries = 0;
        spawnSync('fusermount3', ['-u', mount]).status !== 0 && tries < 100;
        tries += 1
      )
        await pause(50)
      if (child.exitCode === null) spawnSync('fusermount3', ['-uz', mount])
      await ended
      process.off('exit', onExit)
    },
  }
}

/** Compiles once per version of the source; installs what is needed for it when we may. */
function compileFaultfs(): string {
  const program = join(
    tmpdir(),
    `sandpiper-faultfs-${process.getuid?.() ?? 0}-${Math.floor(statSync(SOURCE).mtimeMs)}`,
  )
  if (existsSync(program)) return program
  ensurePackages()
  const flags = spawnSync('pkg-config', ['--cflags', '--libs', 'fuse3'], { encoding: 'utf8' })
  const making = `${program}.${process.pid}`
  const args = [
    '-Wall',
    '-Wno-address',
    '-O2',
    SOURCE,
    '-o',
    making,
    ...flags.stdout.trim().split(/\s+/),
  ]
  const made = spawnSync('gcc', args, { encoding: 'utf8' })
  if (made.status !== 0)
    throw new Error(`faultfs could not be compiled: ${made.stderr}\nOnce: ${INSTALL}`)
  spawnSync('mv', [making, program])
  rmSync(making, { force: true })
  return program
}

/** Brings gcc, FUSE and strace with the system's package manager. @throws Error with the command when we may not. */
export function ensurePackages(): void {
  const has = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0
  const isThere = (): boolean =>
    has('gcc', '--version') &&
    has('pkg-config', '--exists', 'fuse3') &&
    has('strace', '-V') &&
    has('fusermount3', '-V')
  if (isThere()) return
  const before = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  for (const command of ['apt-get update', INSTALL]) {
    const [program = '', ...args] = [...before, ...command.split(' ')]
    spawnSync(program, args, {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  }
  if (!isThere()) throw new Error(`gcc, FUSE and strace are needed. As root, once: ${INSTALL}`)
}
