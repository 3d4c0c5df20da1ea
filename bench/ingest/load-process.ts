// The generator: prebuilt requests over keep-alive sockets of its own, answers looked at only for their status and their end.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { eventLines } from './bench-project.ts'
import type { Load, LoadReport } from './generate-load.ts'

const load = JSON.parse(process.argv[2] ?? '{}') as Load
const requests = prebuilt()
const statuses: Record<string, number> = {}
const took: number[] = []
const sockets = await Promise.all(Array.from({ length: load.connections }, connected))
const cpuBefore = process.cpuUsage()
const began = performance.now()
const until = began + load.seconds * 1000
let sent = 0
let bytes = 0
await (load.perSecond === undefined ? asFastAsAnswered() : paced(load.perSecond))
const seconds = (performance.now() - began) / 1000
const cpu = process.cpuUsage(cpuBefore)
for (const socket of sockets) socket.destroy()
const report: LoadReport = {
  ...{ seconds, statuses, bytes, took },
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
}
process.send?.(report, () => {
  process.disconnect()
})

function prebuilt(): Buffer[] {
  const { path = '/v0/events?name=events', rows, token, kind = 'event' } = load
  const paths = load.paths ?? Array.from({ length: load.bodies ?? 8 }, () => path)
  return paths.map((path, index) => {
    const body = eventLines(index * rows, rows, kind)
    const head = `POST ${path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${body.length}\r\n\r\n`
    return Buffer.concat([Buffer.from(head), body])
  })
}

async function connected(): Promise<Socket> {
  const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  socket.on('error', (err) => {
    console.error(`generator: ${err.message}`)
    process.exit(1)
  })
  return socket
}

/** Sends the next request; `done` is called when its answer is there in full. */
function post(socket: Socket, dueAt: number, done: () => void): void {
  const request = requests[sent++ % requests.length] ?? Buffer.alloc(0)
  bytes += request.length
  let answer = ''
  const onData = (chunk: Buffer): void => {
    answer += chunk.toString('latin1')
    // Every answer of ours is one JSON object.
    if (!answer.endsWith('}')) return
    socket.off('data', onData)
    const status = answer.slice(9, 12)
    statuses[status] = (statuses[status] ?? 0) + 1
    took.push(performance.now() - dueAt)
    done()
  }
  socket.on('data', onData)
  socket.write(request)
}

async function asFastAsAnswered(): Promise<void> {
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          const next = (): void => {
            const now = performance.now()
            if (now < until) post(socket, now, next)
            else resolve()
          }
          next()
        }),
    ),
  )
}

/** Each request is due at its time; one that finds no free connection waits, and its waiting counts. */
async function paced(perSecond: number): Promise<void> {
  const free = [...sockets]
  const waiting: number[] = []
  let due = 0
  let running = 0
  const total = Math.floor(load.seconds * perSecond)
  await new Promise<void>((resolve) => {
    const send = (): void => {
      while (waiting.length > 0 && free.length > 0) {
        // The one that was free for longest: a connection that is never used is closed by the server.
        const socket = free.shift()
        const dueAt = waiting.shift()
        if (socket === undefined || dueAt === undefined) return
        running += 1
        post(socket, dueAt, () => {
          running -= 1
          free.push(socket)
          send()
          if (due === total && waiting.length === 0 && running === 0) resolve()
        })
      }
    }
    const tick = setInterval(() => {
      const wanted = Math.min(total, Math.floor(((performance.now() - began) / 1000) * perSecond))
      for (; due < wanted; due += 1) waiting.push(began + ((due + 1) / perSecond) * 1000)
      send()
      if (due === total) clearInterval(tick)
    }, 1)
  })
}
