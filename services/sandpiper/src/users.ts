// Who runs what. Started by an ordinary user, everything is theirs. Started by root, the engine and Postgres get an unprivileged
// number of their own each: Postgres refuses to be root, and SQL must not be able to reach root's files.
import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

import { StartError } from './start-error.ts'

export interface User {
  readonly uid: number
  readonly gid: number
}

export interface Users {
  /** null: the same user as ours. */
  readonly engine: User | null
  readonly postgres: User | null
  /** initdb wants a user that the system knows by name; the folder is handed over afterwards. */
  readonly initdb: User | null
}

// High enough to belong to nobody, low enough to exist inside user namespaces of 65536 ids.
const ENGINE: User = { uid: 47_181, gid: 47_181 }
const POSTGRES: User = { uid: 47_182, gid: 47_182 }

/** @throws StartError when started as root on a system that knows no other user. */
export function chooseUsers(): Users {
  if (process.getuid?.() !== 0) return { engine: null, postgres: null, initdb: null }
  return { engine: ENGINE, postgres: POSTGRES, initdb: namedUser() }
}

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly uid?: number
  readonly gid?: number
}

/** Whether it may also take priority back that it gave away; only where we may ourselves, and setpriv is there. */
interface Rights {
  readonly renice?: boolean
}

/**
 * How to run a program as a user. When a folder on the way to one of `paths` may be entered by root only, the program also gets
 * the right to pass and read such folders (CAP_DAC_READ_SEARCH); otherwise nothing but its user, and what `rights` asks for.
 * @throws StartError when that is needed and util-linux is missing.
 */
export function commandAs(
  user: User | null,
  file: string,
  args: readonly string[],
  paths: readonly string[],
  { renice = false }: Rights = {},
): Command {
  if (user === null) return { file, args }
  const blocked = [file, ...paths].find((path) => !isOpenToAll(path))
  const setpriv = findProgram('setpriv')
  const mayRenice = renice && setpriv !== null && holdsSysNice()
  if (blocked === undefined && !mayRenice) return { file, args, ...user }
  if (setpriv === null) {
    throw new StartError(
      `${blocked ?? file} may be read by root only, and setpriv (util-linux) is not installed. Install it, or use a place that others may enter.`,
    )
  }
  const ids = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups']
  const caps = [
    ...(blocked === undefined ? [] : ['+dac_read_search']),
    ...(mayRenice ? ['+sys_nice'] : []),
  ].join(',')
  // Without the bit access(2) ignores the right, and initdb asks with it whether its server is there.
  const rights = ['--securebits=+no_setuid_fixup', `--inh-caps=${caps}`, `--ambient-caps=${caps}`]
  return { file: setpriv, args: [...ids, ...rights, '--', file, ...args] }
}

/** Root may, but often not in a container. */
function holdsSysNice(): boolean {
  try {
    const held = /^CapEff:\s*([\da-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    return held !== undefined && ((BigInt(`0x${held}`) >> CAP_SYS_NICE) & 1n) === 1n
  } catch {
    // Not Linux.
    return false
  }
}

const CAP_SYS_NICE = 23n

/** True when any user may go through every folder above a path, and read the file or enter the folder itself. */
function isOpenToAll(path: string): boolean {
  const real = realpathSync(path)
  const stat = statSync(real)
  if (!stat.isDirectory() && (stat.mode & 0o004) === 0) return false
  for (let folder = dirname(real); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

function namedUser(): User {
  const lines = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : []
  const users = lines
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid, gid }) => uid > 0 && gid > 0)
  const user = users.find(({ name }) => name === 'nobody') ?? users[0]
  if (user === undefined) {
    throw new StartError(
      'Postgres does not run as root, and this system has no other user. Start as an ordinary user.',
    )
  }
  return { uid: user.uid, gid: user.gid }
}

function findProgram(name: string): string | null {
  for (const folder of ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin']
    .join(delimiter)
    .split(delimiter)) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      continue
    }
  }
  return null
}
