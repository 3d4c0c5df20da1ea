// Clients that send more than is taken: each has one connection and one request at a time, reads its answer while it still sends, waits
// a second after a 503 as it is told to, and connects anew when it was cut off.
import { connect, type Socket } from 'node:net'
import { eventLines } from './bench-project.ts'
import type { Overload, OverloadReport } from './overload.ts'

interface Client {
  socket: Socket | null
  answer: string
}

const RETRY_MS = 1_000
const load = JSON.parse(process.argv[2] ?? '{}') as Overload
const requests = Array.from({ length: 8 }, (_, index) => request(index))
const statuses: Record<string, number> = {}
const free: Client[] = []
let isOver = false
let sent = 0
let unsent = 0

for (let index = 0; index < load.connections; index += 1) {
  open({ socket: null, answer: '' })
  // Not all at once: it is the load that is to be too much, not the line of those who want in.
  if (index % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 20))
}
const began = performance.now()
let due = 0
await new Promise<void>((resolve) => {
  const tick = setInterval(() => {
    const passed = (performance.now() - began) / 1000
    for (const wanted = passed * load.perSecond; due < wanted; due += 1) {
      const client = free.pop()
      if (client === undefined) unsent += 1
      else post(client)
    }
    if (passed < load.seconds) return
    clearInterval(tick)
    resolve()
  }, 2)
})
const report: OverloadReport = { seconds: (performance.now() - began) / 1000, statuses, unsent }
isOver = true
process.send?.(report, () => process.exit(0))

function request(index: number): Buffer {
  const body = eventLines(index * load.rows, load.rows)
  const head = `POST /v0/events?name=events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${load.token}\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

function open(client: Client): void {
  const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true })
  let isWaiting = false
  client.socket = socket
  client.answer = ''
  socket.on('connect', () => free.push(client))
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    isWaiting = false
    client.answer += chunk.toString('latin1')
    if (!client.answer.endsWith('}')) return
    const status = client.answer.slice(9, 12)
    const isLast = /\r\nConnection: close\r\n/i.test(client.answer)
    client.answer = ''
    count(status)
    isWaiting = true
    if (isLast) socket.destroy()
    else if (status === '503' || status === '429') setTimeout(() => free.push(client), RETRY_MS)
    else free.push(client)
  })
  socket.on('close', () => {
    if (isOver) return
    const at = free.indexOf(client)
    if (at >= 0) free.splice(at, 1)
    else if (!isWaiting) count('cut')
    setTimeout(() => open(client), RETRY_MS)
  })
}

function post(client: Client): void {
  client.socket?.write(requests[sent++ % requests.length] ?? '')
}

function count(status: string): void {
  statuses[status] = (statuses[status] ?? 0) + 1
}
