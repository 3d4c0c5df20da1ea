// Which states a power cut may leave. The model is as harsh as the promises that file systems give, told apart by who relies on them
// (docs/reliability.md):
//  - bytes of a file are durable up to its last fsync that ended; of later writes any may survive: none, all, the first ones, any pieces,
//    or the first ones with the last cut in the middle of a sector run;
//  - names in our own folders are durable by an fsync of their folder only, each folder for itself;
//  - names below Postgres' and the engine's folders survive in the order in which they changed (ext4, xfs), and an fsync of a file or
//    folder makes its own last name durable, with all changes before it;
//  - a rename happens wholly or not at all.
import {
  chmodSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { JournalRecord } from './journal.ts'
import type { Random } from './random.ts'

/** What becomes of everything that was not synced. `mixed` draws anew for each file. */
export type Survival = 'none' | 'all' | 'prefix' | 'pieces' | 'torn' | 'mixed'

export interface DiskModel {
  /** Goes on by one record. */
  apply(record: JournalRecord): void
  /** Writes a state that a power cut now may leave. @param folder not there yet. */
  materialize(folder: string, survival: Survival, random: Random): void
}

const SECTOR_BYTES = 512
const PIECE_BYTES = 4096

type Change =
  | { readonly kind: 'write'; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate' | 'extend'; readonly size: number }

interface Node {
  readonly kind: 'file' | 'folder' | 'symlink' | 'special'
  mode: number
  uid: number
  gid: number
  /** Durable bytes: a file of the beginning, or what was synced since. */
  base: string | Buffer | null
  /** Not durable yet, in order. */
  pending: Change[]
  readonly entries: Map<string, Node>
  readonly target: string
  /** Index of the last change of names, within its order, that concerns this node. */
  lastName: number
}

const NAME_KINDS = [
  ...(['mkdir', 'mknod', 'symlink', 'rmdir', 'unlink'] as const),
  ...(['link', 'rename', 'chmod', 'chown'] as const),
]
type NameRecord = Extract<JournalRecord, { kind: (typeof NAME_KINDS)[number] }>

function isOfNames(record: JournalRecord): record is NameRecord {
  return NAME_KINDS.some((kind) => kind === record.kind)
}

/** An fsync under way: what was there when it began. */
interface Sync {
  readonly node: Node
  changes: number
  readonly names: number
  readonly lastName: number
}

/** One change of names: all of it survives, or nothing. */
interface NameChange {
  readonly edits: readonly {
    readonly folder: Node
    readonly name: string
    readonly to: Node | null
  }[]
  /** Folders that keep an order of their own; the one order of Postgres or the engine has their root's path. */
  readonly order: string | null
  isDurable: boolean
}

/** @param start folder as it is durably at the beginning; it must stay as it is. @param ordered paths below which names are ordered. */
export function createDiskModel(start: string, ordered: readonly string[]): DiskModel {
  const root = readTree(start)
  const durableRoot = snapshot(root)
  return new Model(root, durableRoot, ordered)
}

class Model implements DiskModel {
  private readonly root: Node
  private readonly names: NameChange[] = []
  private readonly startEntries: Map<Node, Map<string, Node>>
  private readonly ordered: readonly string[]
  private readonly handles = new Map<number, Node>()
  private readonly syncs = new Map<number, Sync>()
  /** Indexes of changes that are not durable yet, by their order: a folder, or the path of an order of its own. */
  private readonly open = new Map<unknown, number[]>()

  constructor(root: Node, startEntries: Map<Node, Map<string, Node>>, ordered: readonly string[]) {
    this.root = root
    this.startEntries = startEntries
    this.ordered = ordered
  }

  apply(record: JournalRecord): void {
    if (isOfNames(record)) {
      this.applyToNames(record)
      return
    }
    switch (record.kind) {
      case 'open': {
        const known = this.find(record.path)
        const node =
          record.isNew && known === null ? this.create('file', record.path, record) : known
        if (node !== null) this.handles.set(record.handle, node)
        return
      }
      case 'close':
        this.handles.delete(record.handle)
        return
      case 'write':
        this.handles.get(record.handle)?.pending.push(record)
        return
      case 'truncate':
      case 'extend':
        this.handles.get(record.handle)?.pending.push(record)
        return
      case 'truncate path':
        this.find(record.path)?.pending.push({ kind: 'truncate', size: record.size })
        return
      case 'sync begin': {
        const node = this.handles.get(record.handle)
        if (node === undefined) return
        const { pending, lastName } = node
        const at = { node, changes: pending.length, names: this.names.length, lastName }
        this.syncs.set(record.sync, at)
        return
      }
      case 'sync end': {
        const begun = this.syncs.get(record.sync)
        this.syncs.delete(record.sync)
        if (begun !== undefined && record.error === 0) this.synced(begun)
        return
      }
      case 'mark':
        return
    }
  }

  private applyToNames(record: NameRecord): void {
    switch (record.kind) {
      case 'mkdir':
        this.create('folder', record.path, record)
        return
      case 'mknod':
        this.create('special', record.path, record)
        return
      case 'symlink':
        this.create('symlink', record.path, record, record.target)
        return
      case 'rmdir':
      case 'unlink':
        this.rename([[record.path, null]])
        return
      case 'link':
        this.rename([[record.to, this.find(record.from)]])
        return
      case 'rename': {
        const moved = this.find(record.from)
        this.rename([
          [record.from, null],
          [record.to, moved],
        ])
        return
      }
      case 'chmod':
      case 'chown': {
        const node = this.find(record.path)
        if (node !== null)
          Object.assign(
            node,
            record.kind === 'chmod' ? { mode: record.mode } : { uid: record.uid, gid: record.gid },
          )
        return
      }
    }
  }

  materialize(folder: string, survival: Survival, random: Random): void {
    const names = this.survivingNames(survival, random)
    const write = (node: Node, path: string): void => {
      if (node.kind === 'folder') {
        mkdirSync(path)
        for (const [name, inner] of names.get(node) ?? []) write(inner, join(path, name))
      } else if (node.kind === 'symlink') symlinkSync(node.target, path)
      else if (node.kind === 'file') writeFileState(node, path, survival, random)
      else return
      lchownSync(path, node.uid, node.gid)
      if (node.kind !== 'symlink') chmodSync(path, node.mode & 0o7777)
    }
    write(this.root, folder)
  }

  private find(path: string): Node | null {
    let node: Node | undefined = this.root
    for (const name of path.split('/').slice(1)) if (name !== '') node = node?.entries.get(name)
    return node ?? null
  }

  private create(
    kind: Node['kind'],
    path: string,
    owner: { readonly mode: number; readonly uid: number; readonly gid: number },
    target = '',
  ): Node {
    const node = newNode(kind, owner, target)
    this.rename([[path, node]])
    return node
  }

  private rename(edits: readonly (readonly [path: string, to: Node | null])[]): void {
    const resolved = edits.flatMap(([path, to]) => {
      const slash = path.lastIndexOf('/')
      const folder = this.find(path.slice(0, slash))
      return folder === null ? [] : [{ folder, name: path.slice(slash + 1), to }]
    })
    const path = edits.at(-1)?.[0] ?? ''
    const order = this.ordered.find((each) => path.startsWith(each)) ?? null
    for (const { folder, name, to } of resolved) {
      const gone = folder.entries.get(name)
      if (to === null) folder.entries.delete(name)
      else folder.entries.set(name, to)
      for (const node of [folder, to, gone]) if (node) node.lastName = this.names.length
    }
    const key = order ?? resolved.at(-1)?.folder
    const open = this.open.get(key)
    if (open === undefined) this.open.set(key, [this.names.length])
    else open.push(this.names.length)
    this.names.push({ edits: resolved, order, isDurable: false })
  }

  private synced({ node, changes, names, lastName }: Sync): void {
    if (node.kind === 'file') {
      node.base = contentAfter(node.base, node.pending.slice(0, changes))
      node.pending = node.pending.slice(changes)
      for (const other of this.syncs.values()) {
        if (other.node === node) other.changes = Math.max(0, other.changes - changes)
      }
    }
    const order = this.names[lastName]?.order ?? null
    if (order !== null) this.makeDurable(order, lastName)
    else if (node.kind === 'folder') this.makeDurable(node, names - 1)
  }

  private makeDurable(order: unknown, upTo: number): void {
    const open = this.open.get(order) ?? []
    while ((open[0] ?? Infinity) <= upTo) {
      const change = this.names[open.shift() ?? -1]
      if (change !== undefined) change.isDurable = true
    }
  }

  /** The entries of each folder that survive. */
  private survivingNames(survival: Survival, random: Random): Map<Node, Map<string, Node>> {
    const entries = new Map([...this.startEntries].map(([node, known]) => [node, new Map(known)]))
    const cut = new Set<unknown>()
    for (const change of this.names) {
      const orders =
        change.order === null ? change.edits.map(({ folder }) => folder) : [change.order]
      if (!change.isDurable) {
        // Whether this order ends here: what comes later in it is lost too.
        const ends = survival === 'none' || (survival !== 'all' && random.chance(0.15))
        if (ends || orders.some((order) => cut.has(order))) {
          for (const order of orders) cut.add(order)
          continue
        }
      }
      for (const { folder, name, to } of change.edits) {
        const known = entries.get(folder) ?? new Map<string, Node>()
        entries.set(folder, known)
        if (to === null) known.delete(name)
        else known.set(name, to)
      }
    }
    return entries
  }
}

function writeFileState(node: Node, path: string, survival: Survival, random: Random): void {
  if (typeof node.base === 'string') copyFileSync(node.base, path)
  const file = openSync(path, typeof node.base === 'string' ? 'r+' : 'w')
  try {
    if (node.base instanceof Buffer) writeSync(file, node.base, 0, node.base.length, 0)
    for (const change of surviving(node.pending, survival, random)) {
      if (change.kind === 'write')
        writeSync(file, change.data, 0, change.data.length, change.offset)
      else if (change.kind === 'truncate' || change.size > lstatSync(path).size)
        ftruncateSync(file, change.size)
    }
  } finally {
    closeSync(file)
  }
}

function surviving(
  pending: readonly Change[],
  survival: Survival,
  random: Random,
): readonly Change[] {
  if (pending.length === 0) return pending
  const how =
    survival === 'mixed'
      ? random.pick(['none', 'all', 'prefix', 'pieces', 'torn'] as const)
      : survival
  switch (how) {
    case 'none':
      return []
    case 'all':
      return pending
    case 'prefix':
      return pending.slice(0, random.between(0, pending.length))
    case 'pieces':
      return pending.flatMap((change) =>
        change.kind === 'write'
          ? pieces(change).filter(() => random.chance(0.5))
          : random.chance(0.5)
            ? [change]
            : [],
      )
    case 'torn': {
      const whole = random.below(pending.length)
      const torn = pending[whole]
      return torn === undefined ? pending : [...pending.slice(0, whole), ...tear(torn, random)]
    }
  }
}

/** Pages of a write, each of which the disk may get or not. */
function pieces(change: Extract<Change, { kind: 'write' }>): Change[] {
  const { offset, data } = change
  const found: Change[] = []
  for (let at = 0; at < data.length;) {
    const end = Math.min(data.length, at + PIECE_BYTES - ((offset + at) % PIECE_BYTES))
    found.push({ kind: 'write', offset: offset + at, data: data.subarray(at, end) })
    at = end
  }
  return found
}

/** The first sectors of a write. */
function tear(change: Change, random: Random): Change[] {
  if (change.kind !== 'write') return []
  const { offset, data } = change
  const end = Math.floor((offset + random.between(0, data.length)) / SECTOR_BYTES) * SECTOR_BYTES
  return end <= offset ? [] : [{ kind: 'write', offset, data: data.subarray(0, end - offset) }]
}

function contentAfter(base: Node['base'], changes: readonly Change[]): Node['base'] {
  if (changes.length === 0) return base
  let content: Buffer = typeof base === 'string' ? readFileSync(base) : (base ?? Buffer.alloc(0))
  // The buffer of an earlier state is grown in steps, so that appending byte by byte stays linear.
  for (const change of changes) {
    if (change.kind === 'write') {
      const end = change.offset + change.data.length
      if (end > content.length) content = resized(content, end)
      change.data.copy(content, change.offset)
    } else if (change.kind === 'truncate' || change.size > content.length)
      content = resized(content, change.size)
  }
  return content
}

/** The same memory when there is room behind it; new bytes are zero. */
function resized(content: Buffer, size: number): Buffer {
  if (size <= content.length) return content.subarray(0, size)
  const room = content.buffer.byteLength - content.byteOffset
  if (content.buffer.byteLength > 65_536 && room >= size && content.byteOffset === 0) {
    return Buffer.from(content.buffer, 0, size).fill(0, content.length)
  }
  const grown = Buffer.from(
    new ArrayBuffer(Math.max(size, Math.min(size * 2, size + 4_194_304))),
    0,
    size,
  )
  content.copy(grown)
  return grown
}

function newNode(
  kind: Node['kind'],
  { mode, uid, gid }: { readonly mode: number; readonly uid: number; readonly gid: number },
  target = '',
): Node {
  return { kind, mode, uid, gid, base: null, pending: [], entries: new Map(), target, lastName: -1 }
}

function readTree(path: string): Node {
  const stat = lstatSync(path)
  if (stat.isSymbolicLink()) return newNode('symlink', stat, readlinkSync(path))
  if (stat.isFile()) return Object.assign(newNode('file', stat), { base: path })
  if (!stat.isDirectory()) return newNode('special', stat)
  const node = newNode('folder', stat)
  for (const name of readdirSync(path)) node.entries.set(name, readTree(join(path, name)))
  return node
}

function snapshot(
  root: Node,
  into = new Map<Node, Map<string, Node>>(),
): Map<Node, Map<string, Node>> {
  into.set(root, new Map(root.entries))
  for (const inner of root.entries.values()) if (inner.kind === 'folder') snapshot(inner, into)
  return into
}
