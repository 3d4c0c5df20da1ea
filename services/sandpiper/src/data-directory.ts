// The folder that holds everything. It is recognised by a marker, so that a wrong path never mixes our files with somebody else's,
// and it belongs to one instance at a time.
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

import { LOCK_FILE, takeLock, type Lock } from './lock.ts'
import { StartError, systemCode } from './start-error.ts'
import { syncFolder } from './sync-folder.ts'
import type { User, Users } from './users.ts'

export interface DataDirectory {
  readonly root: string
  readonly log: string
  /** The index of idempotency keys. */
  readonly keys: string
  /** Checkpoints of how far streams were read. */
  readonly positions: string
  readonly spool: string
  readonly engine: string
  readonly postgres: string
  readonly secretKeyFile: string
  readonly sockets: {
    readonly engine: string
    readonly link: string
    /** Folder of Postgres' socket. */
    readonly postgres: string
  }
  /** Removes the sockets and gives the directory free. Idempotent. */
  release(): void
}

const MARKER = 'sandpiper.json'
const FORMAT = 1
/** Longest path of a unix socket: 108 bytes with the ending NUL on Linux, 104 on macOS. */
const SOCKET_BYTES_MAX = process.platform === 'darwin' ? 103 : 107
const RUN_PREFIX = 'sandpiper-run-'

/** Makes or checks the directory and takes it. @throws StartError when it is foreign, too new, not writable or in use. */
export function openDataDirectory(root: string, users: Users): DataDirectory {
  try {
    return open(root, users)
  } catch (err) {
    if (err instanceof StartError) throw err
    const reasons: Record<string, string> = {
      EACCES: 'this user may not write there',
      EPERM: 'this user may not write there',
      EROFS: 'the file system is read-only',
      ENOSPC: 'the disk is full',
      ENOTDIR: 'a part of the path is a file',
      EEXIST: 'it is a file',
    }
    const reason = reasons[systemCode(err)]
    if (reason === undefined) throw err
    throw new StartError(
      `Cannot use the data directory ${root}: ${reason}. Set SANDPIPER_DATA_DIR to another place.`,
      {
        cause: err,
      },
    )
  }
}

function open(root: string, users: Users): DataDirectory {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  checkMarker(root)
  const lock = takeLock(root)
  try {
    writeMarker(root)
    // Root's children have users of their own, who must pass through; what lies inside stays closed.
    chmodSync(root, users.engine === null ? 0o700 : 0o711)
    return layOut(root, users, lock)
  } catch (err) {
    lock.release()
    throw err
  }
}

function layOut(root: string, users: Users, lock: Lock): DataDirectory {
  folder(join(root, 'log'), 0o700, null)
  folder(join(root, 'keys'), 0o700, null)
  folder(join(root, 'positions'), 0o700, null)
  folder(join(root, 'engine'), 0o700, users.engine)
  // The writer fills it, the engine reads it: files made here belong to the engine's group.
  folder(join(root, 'spool'), users.engine === null ? 0o700 : 0o2750, groupOf(users.engine))
  syncFolder(root)
  const run = runFolder(root, users)
  folder(join(run, 'engine'), 0o700, users.engine)
  folder(join(run, 'postgres'), 0o700, users.postgres)
  return {
    root,
    log: join(root, 'log'),
    keys: join(root, 'keys'),
    positions: join(root, 'positions'),
    spool: join(root, 'spool'),
    engine: join(root, 'engine'),
    postgres: join(root, 'postgres'),
    secretKeyFile: join(root, 'secret.key'),
    sockets: {
      engine: join(run, 'engine', 'engine.sock'),
      link: join(run, 'link.sock'),
      postgres: join(run, 'postgres'),
    },
    release() {
      rmSync(run, { recursive: true, force: true })
      rmSync(join(root, RUN_NOTE), { force: true })
      lock.release()
    },
  }
}

function checkMarker(root: string): void {
  const entries = readdirSync(root).filter(
    (name) => name !== LOCK_FILE && !name.startsWith(`${LOCK_FILE}.`),
  )
  if (entries.length === 0) return
  if (!entries.includes(MARKER)) {
    throw new StartError(
      `${root} holds files that are not Sandpiper's. Set SANDPIPER_DATA_DIR to a new or empty folder.`,
    )
  }
  const text = readFileSync(join(root, MARKER), 'utf8')
  // A power cut between the marker's name and its text: writeMarker begins anew.
  if (isBlank(text)) return
  if (markerFormat(text) === FORMAT) return
  throw new StartError(
    `${join(root, MARKER)} was written by another version of Sandpiper. Start that version.`,
  )
}

function markerFormat(text: string): unknown {
  try {
    return (JSON.parse(text) as { format?: unknown }).format
  } catch {
    return null
  }
}

function writeMarker(root: string): void {
  const path = join(root, MARKER)
  if (existsSync(path) && !isBlank(readFileSync(path, 'utf8'))) return
  const file = openSync(path, 'w', 0o600)
  try {
    writeSync(file, `${JSON.stringify({ product: 'sandpiper', format: FORMAT })}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  // Before anything else is made here: a folder with files and without the marker is taken for somebody else's.
  syncFolder(root)
  syncFolder(dirname(root))
}

function isBlank(text: string): boolean {
  return text.replaceAll('\0', '').trim() === ''
}

/** Where the last run folder outside the data directory is written down, so that it can be removed after kill -9. */
const RUN_NOTE = 'run-folder'

/** Folder of the sockets: inside the data directory, or under the system's temporary folder when the path is too long for them. */
function runFolder(root: string, users: Users): string {
  const mode = users.engine === null ? 0o700 : 0o711
  const note = join(root, RUN_NOTE)
  removeNoted(note)
  const run = join(root, 'run')
  rmSync(run, { recursive: true, force: true })
  const longest = join(run, 'postgres', '.s.PGSQL.5432')
  if (Buffer.byteLength(longest) <= SOCKET_BYTES_MAX) {
    folder(run, mode, null)
    return run
  }
  const outside = mkdtempSync(join(tmpdir(), RUN_PREFIX))
  chmodSync(outside, mode)
  writeFileSync(note, outside, { mode: 0o600 })
  return outside
}

function removeNoted(note: string): void {
  let path: string
  try {
    path = readFileSync(note, 'utf8')
  } catch {
    return
  }
  // Never more than what runFolder made, whatever the file says.
  if (dirname(path) === tmpdir() && basename(path).startsWith(RUN_PREFIX)) {
    rmSync(path, { recursive: true, force: true })
  }
}

function folder(path: string, mode: number, owner: User | null): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  if (owner !== null) chownSync(path, owner.uid, owner.gid)
  chmodSync(path, mode)
}

function groupOf(user: User | null): User | null {
  return user === null ? null : { uid: 0, gid: user.gid }
}
