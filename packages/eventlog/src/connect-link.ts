// The writer's side of the link. It lives as long as one connection: when that ends, the writer exits and is started anew, because
// whoever held a turn meanwhile may have changed the tables under it.
import { connect, type Socket } from 'node:net'
import { fault } from '@sandpiper/faults'
import type { LoadOutcome, WriterLink } from './event-log.ts'
import { type FromWriter, parseToWriter } from './link-messages.ts'
import { atMostEvery, readLines, sendLine, sendNote } from './link-socket.ts'

/** View errors can be long; more than this is cut off. */
const MESSAGE_CHARS_MAX = 4_000

/**
 * Connects to the process that appends; resolves when it has told what is durable.
 * The caller then publishes the position of every data source, because the other side may have been started anew as well.
 * @throws fault `log.unavailable` (503) when nobody listens there or another writer is connected.
 */
export async function connectLink(options: { socketPath: string }): Promise<WriterLink> {
  const socket = connect(options.socketPath)
  const closed = new Promise<void>((resolve) =>
    socket.once('close', () => {
      resolve()
    }),
  )
  socket.on('error', () => undefined)
  const listeners = createListeners(socket)
  const told: { durable: number | null } = { durable: null }
  let onFirst: () => void = () => undefined
  const first = new Promise<void>((resolve) => (onFirst = resolve))

  readLines(socket, (line) => {
    const message = parseToWriter(line)
    if (message === null) socket.destroy(new Error('an unknown message on the link'))
    else if (message.kind === 'durable') {
      told.durable = message.sequence
      onFirst()
      listeners.durable.forEach((listener) => {
        listener(message.sequence)
      })
    } else if (message.kind === 'note') listeners.note(message.body)
    else if (message.kind === 'turn') listeners.turn(message.id, message.workspaceId)
    else listeners.release(message.workspaceId)
  })
  await Promise.race([first, closed])
  if (told.durable === null)
    throw fault('log.unavailable', {
      public: 'The event log is not there.',
      internal: `no link at ${options.socketPath}`,
    })

  const publications = createPublications(socket)
  return {
    durable: () => told.durable ?? 0,
    onDurable: (listener) => void listeners.durable.push(listener),
    onTurn: (listener) => {
      listeners.setOnTurn(listener)
    },
    onRelease: (listener) => {
      listeners.setOnRelease(listener)
    },
    publishLoaded: publications.publish,
    publishPassed: publications.passed,
    publishUnneeded(sequence, wantedFrom = sequence) {
      publications.flush()
      sendLine(socket, { kind: 'unneeded', below: sequence, wantedFrom } satisfies FromWriter)
    },
    note: (body) => sendNote(socket, body),
    onNote: (listener) => {
      listeners.note = listener
    },
    closed,
    async close() {
      publications.flush()
      socket.end()
      await closed
    },
  }
}

/** Turns and releases of one workspace are handed on in order, one after the other; asks that come early wait for their listener. */
function createListeners(socket: Socket): {
  durable: ((sequence: number) => void)[]
  setOnTurn(listener: (workspaceId: string) => Promise<void>): void
  setOnRelease(listener: (workspaceId: string) => void): void
  turn(id: number, workspaceId: string): void
  release(workspaceId: string): void
  note: (body: unknown) => void
} {
  const order = new Map<string, Promise<void>>()
  let onTurn: ((workspaceId: string) => Promise<void>) | null = null
  let onRelease: (workspaceId: string) => void = () => undefined
  let early: { id: number; workspaceId: string }[] = []

  function inOrder(workspaceId: string, step: () => Promise<void> | void): void {
    const done = (order.get(workspaceId) ?? Promise.resolve())
      .then(step)
      .catch((error: unknown) => {
        // A turn that cannot be given is not given: the other side asks the next writer.
        socket.destroy(error instanceof Error ? error : new Error(String(error)))
      })
    order.set(workspaceId, done)
    void done.then(() => {
      if (order.get(workspaceId) === done) order.delete(workspaceId)
    })
  }

  function turn(id: number, workspaceId: string): void {
    const listener = onTurn
    if (listener === null) {
      early.push({ id, workspaceId })
      return
    }
    inOrder(workspaceId, async () => {
      await listener(workspaceId)
      sendLine(socket, { kind: 'granted', id } satisfies FromWriter)
    })
  }

  return {
    durable: [],
    setOnTurn(listener) {
      onTurn = listener
      const asks = early
      early = []
      for (const ask of asks) turn(ask.id, ask.workspaceId)
    },
    setOnRelease(listener) {
      onRelease = listener
    },
    turn,
    note: () => undefined,
    release(workspaceId) {
      early = early.filter((ask) => ask.workspaceId !== workspaceId)
      inOrder(workspaceId, () => {
        onRelease(workspaceId)
      })
    },
  }
}

/** Positions told within one turn of the loop are sent together; of several plain ones for a data source only the last. */
function createPublications(socket: Socket): {
  publish: WriterLink['publishLoaded']
  passed: WriterLink['publishPassed']
  flush(): void
} {
  let pending: Extract<FromWriter, { kind: 'loaded' }>[] = []
  let passed: number | null = null
  const flush = (): void => {
    const messages = pending
    pending = []
    for (const message of messages) sendLine(socket, message)
    if (passed !== null) sendLine(socket, { kind: 'passed', sequence: passed } satisfies FromWriter)
    passed = null
  }
  const soon = atMostEvery(0, flush)
  return {
    publish(dataSourceId, sequence, outcome) {
      const last = pending.at(-1)
      const message = {
        kind: 'loaded',
        dataSourceId,
        sequence,
        outcome: shortened(outcome),
      } as const
      if (
        last?.dataSourceId === dataSourceId &&
        last.outcome.kind === 'loaded' &&
        outcome.kind === 'loaded'
      )
        pending.pop()
      pending.push(message)
      soon()
    },
    passed(sequence) {
      passed = sequence
      soon()
    },
    flush,
  }
}

function shortened(outcome: LoadOutcome): LoadOutcome {
  return outcome.kind === 'loaded'
    ? outcome
    : { kind: outcome.kind, message: outcome.message.slice(0, MESSAGE_CHARS_MAX) }
}
