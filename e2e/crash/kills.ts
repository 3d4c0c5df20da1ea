// Who dies, and when: at a random moment, or at the n-th call of a system call that changes what is on disk.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Instance } from './instance.ts'
import { childOf, kill9, processTree } from './process-tree.ts'
import type { Random } from './random.ts'

export type Victim =
  'writer' | 'engine' | 'postgres' | 'backend' | 'main' | 'engine and writer' | 'tree'

export interface KillPlan {
  readonly victim: Victim
  /** null: at once. */
  readonly syscall: { readonly names: string; readonly nth: number } | null
  /** Milliseconds after the last kill, so short that recovery is still under way. Empty: no storm. */
  readonly storm: readonly { readonly victim: Victim; readonly afterMs: number }[]
}

export interface Killed {
  readonly victims: Victim[]
  /** The main process died and must be started again. */
  readonly mainDied: boolean
  /** What it died at, e.g. `rename`; null: at a random moment. */
  readonly at: string | null
}

const VICTIMS: readonly Victim[] = [
  ...(['writer', 'writer', 'engine', 'engine', 'engine and writer'] as const),
  ...(['postgres', 'backend', 'main', 'tree', 'tree'] as const),
]
/** What puts a frame, a part or a batch record in its place. */
const SYSCALLS: Readonly<Record<'writer' | 'engine' | 'main', readonly string[]>> = {
  writer: [
    'fsync,fdatasync',
    'rename,renameat,renameat2',
    'unlink,unlinkat',
    'writev,pwrite64,pwritev',
  ],
  engine: [
    'fsync,fdatasync',
    'rename,renameat,renameat2',
    'link,linkat',
    'unlink,unlinkat,rmdir',
    'mkdir,mkdirat',
  ],
  main: ['fdatasync', 'pwrite64,pwritev', 'fsync,ftruncate'],
}
const SYSCALL_WAIT_MS = 4_000

export function planKill(random: Random): KillPlan {
  const victim = random.pick(VICTIMS)
  const calls =
    victim === 'writer' || victim === 'engine' || victim === 'main' ? SYSCALLS[victim] : []
  const syscall =
    calls.length > 0 && random.chance(0.5)
      ? { names: random.pick(calls), nth: random.chance(0.5) ? 1 : random.between(2, 40) }
      : null
  const isStorm = random.chance(0.2)
  const storm = Array.from({ length: isStorm ? random.between(1, 3) : 0 }, () => ({
    victim: random.pick(VICTIMS),
    afterMs: random.between(5, 700),
  }))
  return { victim, syscall, storm }
}

/** Kills by plan, the storm excepted. */
export async function kill(instance: Instance, { victim, syscall }: KillPlan): Promise<Killed> {
  if (syscall !== null && (victim === 'writer' || victim === 'engine' || victim === 'main')) {
    const pid = victim === 'main' ? instance.pid() : childOf(instance.pid(), victim)
    const isDead = pid !== null && (await killAtSyscall(pid, syscall))
    // A call that never came: then at this moment.
    if (!isDead) killNow(instance, victim)
    return { victims: [victim], mainDied: victim === 'main', at: isDead ? syscall.names : null }
  }
  killNow(instance, victim)
  return { victims: [victim], mainDied: victim === 'main' || victim === 'tree', at: null }
}

/** SIGKILL to a victim, as far as it is there. */
export function killNow(instance: Instance, victim: Victim): void {
  const root = instance.pid()
  const child = (name: 'engine' | 'writer' | 'postgres'): number[] => {
    const pid = childOf(root, name)
    return pid === null ? [] : [pid]
  }
  for (const pid of pidsOf(root, victim, child)) kill9(pid)
}

function pidsOf(
  root: number,
  victim: Victim,
  child: (name: 'engine' | 'writer' | 'postgres') => number[],
): number[] {
  switch (victim) {
    case 'writer':
    case 'engine':
    case 'postgres':
      return child(victim)
    case 'engine and writer':
      return [...child('engine'), ...child('writer')]
    case 'main':
      return [root]
    case 'tree':
      return processTree(root).map((each) => each.pid)
    case 'backend': {
      // A server process of Postgres: all the others end with it, and the server recovers.
      const backend = processTree(root).find(({ command }) => /^postgres: sandpiper /.test(command))
      return backend === undefined ? [] : [backend.pid]
    }
  }
}

async function killAtSyscall(
  pid: number,
  syscall: { readonly names: string; readonly nth: number },
): Promise<boolean> {
  const args = [
    ...['-f', '-qq', '-o', '/dev/null', '-p', String(pid), '-e', `trace=${syscall.names}`],
    ...['-e', `inject=${syscall.names}:signal=SIGKILL:when=${syscall.nth}`],
  ]
  const strace = spawn('strace', args, { stdio: ['ignore', 'ignore', 'ignore'] })
  const ended = endOf(strace)
  const isOver = await Promise.race([ended.then(() => true), pause(SYSCALL_WAIT_MS, false)])
  if (!isOver) {
    strace.kill('SIGINT')
    await Promise.race([ended, pause(1_000)])
    strace.kill('SIGKILL')
    await ended
  }
  return !isAlive(pid)
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    await Promise.race([
      once(child, 'exit'),
      once(child, 'error').then((err) => {
        throw err[0] as Error
      }),
    ])
  }
}

function isAlive(pid: number): boolean {
  return processTree(pid).length > 0
}
