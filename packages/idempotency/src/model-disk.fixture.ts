// A disk that fails and forgets as real ones may: what was not synced is lost or torn in a power cut, and after a failed sync nobody
// knows what is there.
import type { KeyFile, KeyFiles } from './key-files.ts'

interface Write {
  readonly at: number
  readonly bytes: Buffer
}

interface Inode {
  /** What reads see. */
  content: Buffer
  durable: Buffer
  unsynced: Write[]
  /** A sync of them failed: no later sync brings them to the disk, chance may. */
  doomed: Write[]
}

type NameChange = (names: Map<string, Inode>) => void

export type Operation =
  'create' | 'open' | 'read' | 'write' | 'sync' | 'rename' | 'remove' | 'syncNames'

export class ModelDisk implements KeyFiles {
  /** Between 0 and 1: how often an operation fails now. */
  failing: (operation: Operation) => number = () => 0
  private readonly random: () => number
  private seen = new Map<string, Inode>()
  private durableNames = new Map<string, Inode>()
  private changes: NameChange[] = []

  /** @param random from 0 to below 1. */
  constructor(random: () => number) {
    this.random = random
  }

  prepare(): Promise<void> {
    return Promise.resolve()
  }

  names(): Promise<string[]> {
    return Promise.resolve([...this.seen.keys()])
  }

  async create(name: string): Promise<KeyFile> {
    await this.mayFail('create')
    const nothing = Buffer.alloc(0)
    const inode: Inode = { content: nothing, durable: nothing, unsynced: [], doomed: [] }
    this.change((names) => names.set(name, inode))
    return this.open(inode)
  }

  async openToRead(name: string): Promise<KeyFile> {
    await this.mayFail('open')
    const inode = this.seen.get(name)
    if (inode === undefined) throw new Error(`ENOENT: ${name}`)
    return this.open(inode)
  }

  async rename(from: string, to: string): Promise<void> {
    await this.mayFail('rename')
    const inode = this.seen.get(from)
    if (inode === undefined) throw new Error(`ENOENT: ${from}`)
    this.change((names) => {
      names.delete(from)
      names.set(to, inode)
    })
  }

  async remove(name: string): Promise<void> {
    await this.mayFail('remove')
    this.change((names) => names.delete(name))
  }

  async syncNames(): Promise<void> {
    await this.mayFail('syncNames')
    this.durableNames = new Map(this.seen)
    this.changes = []
  }

  /** What a start finds after the power came back. */
  cutPower(): void {
    for (const change of this.changes) if (this.random() < 0.5) change(this.durableNames)
    this.changes = []
    this.seen = new Map(this.durableNames)
    for (const inode of new Set(this.seen.values())) {
      let content = inode.durable
      for (const { at, bytes } of [...inode.doomed, ...inode.unsynced])
        content = written(content, at, bytes.subarray(0, this.random() * 2 * bytes.length))
      inode.content = inode.durable = content
      inode.unsynced = inode.doomed = []
    }
  }

  private open(inode: Inode): KeyFile {
    return {
      write: async (bytes, at) => {
        const fails = await this.fails('write')
        const done = Buffer.from(fails ? bytes.subarray(0, this.random() * bytes.length) : bytes)
        inode.content = written(inode.content, at, done)
        inode.unsynced.push({ at, bytes: done })
        if (fails) throw new Error('ENOSPC: injected')
      },
      sync: async () => {
        if (await this.fails('sync')) {
          inode.doomed.push(...inode.unsynced.splice(0))
          throw new Error('EIO: injected')
        }
        for (const { at, bytes } of inode.unsynced.splice(0))
          inode.durable = written(inode.durable, at, bytes)
      },
      read: async (position, length) => {
        await this.mayFail('read')
        return Buffer.from(inode.content.subarray(position, position + length))
      },
      size: () => Promise.resolve(inode.content.length),
      close: () => Promise.resolve(),
    }
  }

  private change(change: NameChange): void {
    change(this.seen)
    this.changes.push(change)
  }

  private async fails(operation: Operation): Promise<boolean> {
    await new Promise(setImmediate)
    return this.random() < this.failing(operation)
  }

  private async mayFail(operation: Operation): Promise<void> {
    if (await this.fails(operation)) throw new Error(`EIO: injected into ${operation}`)
  }
}

function written(content: Buffer, at: number, bytes: Buffer): Buffer {
  const whole = Buffer.alloc(Math.max(content.length, at + bytes.length))
  content.copy(whole)
  bytes.copy(whole, at)
  return whole
}
