import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectLink } from './connect-link.ts'
import type { EventLog, WriterLink } from './event-log.ts'
import { openEventLog } from './open-event-log.ts'
import { frameOf, tempDir } from './testing.ts'

const SOURCE = `t_${'a'.repeat(32)}`
const WORKSPACE = '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10'
const never = new AbortController().signal

let folder: Awaited<ReturnType<typeof tempDir>>
let log: EventLog
let socketPath: string
beforeEach(async () => {
  folder = await tempDir()
  socketPath = join(folder.dir, 'link.sock')
  log = await openEventLog({ dir: join(folder.dir, 'log'), socketPath })
})
afterEach(async () => {
  await log.close()
  await folder.remove()
})

/** A writer that gives every turn at once and writes down what it is told. */
async function writer(): Promise<{ link: WriterLink; heard: string[] }> {
  const link = await connectLink({ socketPath })
  const heard: string[] = []
  link.onTurn((workspaceId) => {
    heard.push(`turn ${workspaceId}`)
    return Promise.resolve()
  })
  link.onRelease((workspaceId) => heard.push(`release ${workspaceId}`))
  return { link, heard }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(setImmediate)
}

describe('durable', () => {
  test('is known at connect and announced after each sync', async () => {
    await log.append(frameOf('a'))
    const { link } = await writer()
    expect(link.durable()).toBe(1)
    const announced: number[] = []
    link.onDurable((sequence) => announced.push(sequence))
    await Promise.all([log.append(frameOf('b')), log.append(frameOf('c'))])
    await until(() => link.durable() === 3)
    expect(announced.at(-1)).toBe(3)
    await link.close()
  })
})

describe('loaded', () => {
  test('resolves when the position is published, for that data source only', async () => {
    const { link } = await writer()
    let resolved = ''
    const waiting = log.loaded(SOURCE, 5, never).then((outcome) => (resolved = outcome.kind))
    link.publishLoaded(SOURCE, 4, { kind: 'loaded' })
    link.publishLoaded(`t_${'c'.repeat(32)}`, 9, { kind: 'loaded' })
    await expect(log.loaded(SOURCE, 4, never)).resolves.toEqual({ kind: 'loaded' })
    expect(resolved).toBe('')
    link.publishLoaded(SOURCE, 6, { kind: 'loaded' })
    await waiting
    await link.close()
  })

  test('tells a failed view to those whose frames it hit, however late they ask, and to nobody else', async () => {
    const { link } = await writer()
    link.publishLoaded(SOURCE, 2, { kind: 'loaded' })
    link.publishLoaded(SOURCE, 4, { kind: 'view_failed', message: 'x'.repeat(10_000) })
    link.publishLoaded(SOURCE, 6, { kind: 'loaded' })
    await expect(log.loaded(SOURCE, 6, never)).resolves.toEqual({ kind: 'loaded' })
    await expect(log.loaded(SOURCE, 3, never)).resolves.toEqual({
      kind: 'view_failed',
      message: 'x'.repeat(4_000),
    })
    await expect(log.loaded(SOURCE, 2, never)).resolves.toEqual({ kind: 'loaded' })
    await link.close()
  })

  test('resolves for a data source without late frames once all frames up to there are confirmed', async () => {
    const { link } = await writer()
    const failed = { kind: 'view_failed', message: 'why' } as const
    const waiting = [log.loaded(SOURCE, 7, never), log.loaded('t_other', 8, never)]
    link.publishLoaded(SOURCE, 7, failed)
    link.publishPassed(8)
    expect(await Promise.all(waiting)).toEqual([failed, { kind: 'loaded' }])
    expect(await log.loaded('t_never_seen', 8, never)).toEqual({ kind: 'loaded' })
    const early = AbortSignal.timeout(50)
    await expect(log.loaded('t_other', 9, early)).rejects.toMatchObject({ code: 'server.busy' })
    await link.close()
  })

  test('keeps waiting over the death of a writer and its successor answers', async () => {
    const first = await writer()
    const waiting = log.loaded(SOURCE, 1, never)
    await first.link.close()
    await until(() => !log.writerConnected())
    const second = await writer()
    second.link.publishLoaded(SOURCE, 1, { kind: 'loaded' })
    await expect(waiting).resolves.toEqual({ kind: 'loaded' })
    await second.link.close()
  })

  test('rejects with server.busy when its signal aborts', async () => {
    const abort = new AbortController()
    const waiting = log.loaded(SOURCE, 1, abort.signal)
    abort.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'server.busy', status: 503 })
  })
})

describe('turn', () => {
  test('is given when the writer has no batch in flight, to one holder after the other', async () => {
    const { link, heard } = await writer()
    const first = await log.turn(WORKSPACE, never)
    const order: string[] = []
    const second = log.turn(WORKSPACE, never).then((turn) => {
      order.push('second holds')
      return turn
    })
    const elsewhere = await log.turn('11111111-1111-4111-8111-111111111111', never)
    await elsewhere.release()
    expect(order).toEqual([])
    await first.release()
    await first.release()
    await (await second).release()
    await until(() => heard.filter((text) => text === `release ${WORKSPACE}`).length === 2)
    expect(heard.filter((text) => text.endsWith(WORKSPACE))).toEqual([
      `turn ${WORKSPACE}`,
      `release ${WORKSPACE}`,
      `turn ${WORKSPACE}`,
      `release ${WORKSPACE}`,
    ])
    await link.close()
  })

  test('waits until the writer resolves', async () => {
    const link = await connectLink({ socketPath })
    let finishBatch: () => void = () => undefined
    link.onTurn(() => new Promise((resolve) => (finishBatch = resolve)))
    let isHeld = false
    const waiting = log.turn(WORKSPACE, never).then((turn) => {
      isHeld = true
      return turn
    })
    const mark = finishBatch
    await until(() => finishBatch !== mark)
    expect(isHeld).toBe(false)
    finishBatch()
    await (await waiting).release()
    await link.close()
  })

  test('is lost with the writer that gave it, and keeps the next one out until it is released', async () => {
    const first = await writer()
    const held = await log.turn(WORKSPACE, never)
    let isNextHeld = false
    const waiting = log.turn(WORKSPACE, never).then((turn) => {
      isNextHeld = true
      return turn
    })
    await first.link.close()
    await until(() => held.signal.aborted)
    const second = await writer()
    await until(() => second.heard.length === 1)
    expect(second.heard).toEqual([`turn ${WORKSPACE}`])
    expect(isNextHeld).toBe(false)
    await held.release()
    const next = await waiting
    expect(next.signal.aborted).toBe(false)
    await next.release()
    await until(() => second.heard.length === 4)
    expect(second.heard).toEqual([
      `turn ${WORKSPACE}`,
      `release ${WORKSPACE}`,
      `turn ${WORKSPACE}`,
      `release ${WORKSPACE}`,
    ])
    await second.link.close()
  })

  test('given up while waiting in line or for the writer, it leaves the line free', async () => {
    const early = new AbortController()
    const noWriter = log.turn(WORKSPACE, early.signal)
    const inLine = log.turn(WORKSPACE, early.signal)
    const rejected = [noWriter, inLine].map((turn) =>
      expect(turn).rejects.toMatchObject({ code: 'server.busy' }),
    )
    early.abort()
    await Promise.all(rejected)
    const { link } = await writer()
    await (await log.turn(WORKSPACE, never)).release()
    await link.close()
  })

  test('an ask that came before the writer listened is not forgotten', async () => {
    const waiting = log.turn(WORKSPACE, never)
    const link = await connectLink({ socketPath })
    await new Promise(setImmediate)
    link.onTurn(() => Promise.resolve())
    await (await waiting).release()
    await link.close()
  })

  test('a writer that cannot give it is disconnected', async () => {
    const link = await connectLink({ socketPath })
    link.onTurn(() => Promise.reject(new Error('bug')))
    const abort = new AbortController()
    const waiting = log.turn(WORKSPACE, abort.signal)
    await link.closed
    abort.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'server.busy' })
  })
})

describe('the connection', () => {
  test('a second writer is turned away while the first lives', async () => {
    const { link } = await writer()
    await expect(connectLink({ socketPath })).rejects.toMatchObject({ code: 'log.unavailable' })
    await link.close()
    await until(() => !log.writerConnected())
    await (await connectLink({ socketPath })).close()
  })

  test('closed resolves when the log goes away', async () => {
    const { link } = await writer()
    await log.close()
    await expect(link.closed).resolves.toBeUndefined()
  })

  test('nobody there: log.unavailable', async () => {
    await expect(connectLink({ socketPath: `${socketPath}x` })).rejects.toMatchObject({
      code: 'log.unavailable',
    })
  })
})

describe('notes', () => {
  test('go both ways, and are left out when they are too large or nobody is there', async () => {
    expect(log.noteWriter({ nobody: true })).toBe(false)
    const { link } = await writer()
    const heard: unknown[] = []
    log.onNote((body) => heard.push(body))
    link.onNote((body) => heard.push(body))
    expect(link.note({ up: 1 })).toBe(true)
    expect(link.note({ large: 'x'.repeat(40_000) })).toBe(false)
    await until(() => heard.length === 1)
    expect(log.noteWriter({ down: 2 })).toBe(true)
    await until(() => heard.length === 2)
    expect(heard).toEqual([{ up: 1 }, { down: 2 }])
    await link.close()
  })
})
