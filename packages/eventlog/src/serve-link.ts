// The appending side of the link: one writer at a time over a unix socket in the instance's own 0700 folder.
import { rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import type { EventLog } from './event-log.ts'
import { parseFromWriter } from './link-messages.ts'
import { atMostEvery, readLines, sendLine, sendNote } from './link-socket.ts'
import { createLoadedPositions } from './loaded-positions.ts'
import { Turns } from './turns.ts'

/** What the log offers with the writer's help. */
export interface ServedLink extends Pick<
  EventLog,
  'loaded' | 'turn' | 'writerConnected' | 'noteWriter' | 'onNote'
> {
  /** Tells the writer: at once, and under load every few milliseconds. */
  durable(sequence: number): void
  /** Every frame up to this one is known to be confirmed. */
  loadedUpTo(): number
  close(): Promise<void>
}

/** How often the writer is told under load; it looks into the log no more often. */
const TELL_EVERY_MS = 3

/**
 * Listens for the writer. A second one is turned away while the first is connected: two would load the same frames twice.
 * @param socketPath at most 107 bytes; a stale socket file there is removed. null: nobody can connect.
 */
export async function serveLink(options: {
  socketPath: string | null
  durable: number
  /** No frame below is needed by the writer any more; those from `wantedFrom` on are wanted all the same. */
  onUnneeded: (below: number, wantedFrom: number) => void
}): Promise<ServedLink> {
  const positions = createLoadedPositions()
  const turns = new Turns()
  let writer: Socket | null = null
  let onNote: (body: unknown) => void = () => undefined
  let durable = options.durable

  const tellDurable = atMostEvery(TELL_EVERY_MS, () => {
    if (writer !== null) sendLine(writer, { kind: 'durable', sequence: durable })
  })

  function accept(socket: Socket): void {
    socket.on('error', () => undefined)
    if (writer !== null) {
      socket.destroy()
      return
    }
    writer = socket
    socket.on('close', () => {
      writer = null
      turns.disconnected()
    })
    readLines(socket, onLine)
    sendLine(socket, { kind: 'durable', sequence: durable })
    turns.connected((message) => {
      sendLine(socket, message)
    })
  }

  function onLine(line: string): void {
    const message = parseFromWriter(line)
    if (message === null) writer?.destroy(new Error('an unknown message on the link'))
    else if (message.kind === 'note') onNote(message.body)
    else if (message.kind === 'granted') turns.granted(message.id)
    else if (message.kind === 'unneeded') options.onUnneeded(message.below, message.wantedFrom)
    else if (message.kind === 'passed') positions.passed(message.sequence)
    else positions.publish(message.dataSourceId, message.sequence, message.outcome)
  }

  const server = createServer(accept)
  if (options.socketPath !== null) {
    await listen(server, options.socketPath)
  }

  return {
    durable(sequence) {
      durable = sequence
      tellDurable()
    },
    loaded: (dataSourceId, sequence, signal) => positions.wait(dataSourceId, sequence, signal),
    turn: (workspaceId, signal) => turns.take(workspaceId, signal),
    writerConnected: () => writer !== null,
    loadedUpTo: () => positions.passedUpTo(),
    noteWriter(body) {
      return writer !== null && sendNote(writer, body)
    },
    onNote(listener) {
      onNote = listener
    },
    async close() {
      writer?.destroy()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function listen(server: Server, path: string): Promise<void> {
  await rm(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
}
