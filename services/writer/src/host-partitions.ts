// The writer of a shared log: takes its share of the partitions, gives back what others lack, and runs each it owns. One that dies loses
// its partitions at once; one that is told to end hands them over in order.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LogMember, openSharedLogCatalog, type SharedLogCatalog } from '@sandpiper/catalog'
import { kafkaPlaceOf, type Mirror, openMirror, provideTopic } from '@sandpiper/kafkalog'
import { briefError } from '@sandpiper/telemetry'
import type { SharedConfig, WriterConfig } from './config.ts'
import { isOthers, type PartitionRun, type RunDeps, runPartition } from './partition-run.ts'
import { createBudgets, type WriterOptions } from './run.ts'

/** The partitions of this process. */
export interface HostedPartitions {
  /** Whether it is a member of the log's writers, and reads what it owns. */
  isReady(): boolean
  /** Partitions it owns, from 1. */
  owned(): number[]
  waiting(): { readonly frames: number; readonly sources: number; readonly seconds: number }
  readonly mirror: Mirror
  /** Ends every run, then hands the partitions over. */
  stop(graceMs: number): Promise<void>
}

const BALANCE_EVERY_MS = 500
const KEYS_FORGOTTEN_EVERY_MS = 60_000
/** A partition is handed over once its batches are through. */
const HAND_OVER_MS = 30_000

/** Starts; resolves when it reads the log, before it owns anything. @throws KafkaProblem | fault `catalog.unavailable` | fault `log.unavailable`. */
export async function hostPartitions(
  config: WriterConfig & { readonly shared: SharedConfig },
  deps: Omit<RunDeps, 'shared' | 'mirror' | 'spoolDir' | 'budgets'>,
  options: WriterOptions,
): Promise<HostedPartitions> {
  const { logger } = deps
  const { kafka, keysMs } = config.shared
  const place = kafkaPlaceOf(kafka)
  const clientId = `sandpiper-writer-${randomUUID().slice(0, 8)}`
  const partitions = await provideTopic(place, { clientId, logger })
  const shared = openSharedLogCatalog({ connection: config.catalogUrl, logger })
  await shared.providePartitions(partitions)
  const socketDir = await mkdtemp(join(tmpdir(), 'sp-copies-'))
  const mirror = await openMirror({
    ...{ place, keys: shared.keys, keysMs, socketDir, clientId, groupId: clientId, logger },
    dir: join(config.shared.copiesDir, clientId),
  })
  const budgets = createBudgets(deps, options)
  const runDeps = { ...deps, shared, mirror, budgets, spoolDir: config.spoolDir }
  const owner = own(runDeps, options)
  const forgetting = setInterval(() => {
    shared.keys.forget(deps.now() - keysMs).catch((err: unknown) => {
      logger.warn({ err: briefError(err) }, 'old keys could not be forgotten')
    })
  }, KEYS_FORGOTTEN_EVERY_MS)
  return {
    mirror,
    isReady: () => owner.isMember() && mirror.isReading(),
    owned: owner.owned,
    waiting: owner.waiting,
    async stop(graceMs) {
      clearInterval(forgetting)
      await owner.stop(graceMs)
      await mirror.close()
      await shared.close()
      await rm(socketDir, { recursive: true, force: true })
      await rm(join(config.shared.copiesDir, clientId), { recursive: true, force: true })
    },
  }
}

interface Owner {
  isMember: () => boolean
  owned: () => number[]
  waiting: HostedPartitions['waiting']
  stop(graceMs: number): Promise<void>
}

function own(deps: RunDeps, options: WriterOptions): Owner {
  return new Ownership(deps, options)
}

class Ownership implements Owner {
  private readonly deps: RunDeps
  private readonly options: WriterOptions
  private readonly runs = new Map<number, PartitionRun>()
  private readonly stopping = new AbortController()
  private readonly following: Promise<void>
  private member: LogMember | null = null

  constructor(deps: RunDeps, options: WriterOptions) {
    this.deps = deps
    this.options = options
    this.following = this.follow()
  }

  isMember = (): boolean => this.member !== null

  owned = (): number[] => [...this.runs.keys()].sort((a, b) => a - b)

  waiting = (): ReturnType<HostedPartitions['waiting']> => {
    const all = [...this.runs.values()].map((run) => run.waiting())
    return {
      frames: all.reduce((sum, each) => sum + each.frames, 0),
      sources: all.reduce((sum, each) => sum + each.sources, 0),
      seconds: Math.max(0, ...all.map((each) => each.seconds)),
    }
  }

  async stop(graceMs: number): Promise<void> {
    this.stopping.abort()
    await this.following
    await this.endAll(graceMs)
    await this.member?.close()
  }

  private async follow(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        this.member ??= await joinWith(this.deps.shared, () => (this.member = null))
        await this.balance(this.member)
      } catch (err) {
        this.deps.logger.warn({ err: briefError(err) }, 'the writers of the log cannot be seen yet')
      }
      // The session is gone, and with it every right to write.
      if (!this.isMember()) await this.endAll(0)
      await sleep(BALANCE_EVERY_MS, this.stopping.signal)
    }
  }

  private async balance(of: LogMember): Promise<void> {
    const { owned, surplus } = await of.balance()
    for (const [partition, run] of this.runs)
      if (!owned.includes(partition)) await this.end(partition, run, 0)
    const given = owned.slice(owned.length - surplus)
    await Promise.all(
      given.map(async (partition) => {
        const run = this.runs.get(partition)
        if (run !== undefined) await this.end(partition, run, HAND_OVER_MS)
        await of.giveBack(partition)
      }),
    )
    const missing = owned.slice(0, owned.length - surplus).filter((each) => !this.runs.has(each))
    await Promise.all(missing.map((partition) => this.begin(partition, of)))
  }

  private async begin(partition: number, of: LogMember): Promise<void> {
    const { logger } = this.deps
    try {
      const run = await runPartition(this.deps, this.options, partition, of)
      this.runs.set(partition, run)
      logger.info({ partition }, 'writes a partition')
      void run.ended.then(() => this.end(partition, run, 0))
    } catch (err) {
      if (isOthers(err)) return
      logger.warn({ err: briefError(err), partition }, 'a partition cannot be written yet')
    }
  }

  private async end(partition: number, run: PartitionRun, graceMs: number): Promise<void> {
    if (this.runs.get(partition) !== run) return
    this.runs.delete(partition)
    await run.stop(graceMs).catch((err: unknown) => {
      this.deps.logger.warn({ err: briefError(err), partition }, 'a partition did not end in order')
    })
    this.deps.logger.info({ partition }, 'writes a partition no longer')
  }

  private async endAll(graceMs: number): Promise<void> {
    await Promise.all([...this.runs].map(([partition, run]) => this.end(partition, run, graceMs)))
  }
}

async function joinWith(shared: SharedLogCatalog, onLost: () => void): Promise<LogMember> {
  const member = await shared.join()
  void member.lost.then(onLost)
  return member
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
