// Ten thousand connections that have posted an event each and stay open. Aims: little memory, no CPU, and others are served among them.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../machine.ts'
import { withProduct } from './bench-product.ts'
import { eventLine } from './bench-project.ts'
import { generateLoad } from './generate-load.ts'
import type { Ladder } from './ladder.ts'

const CONNECTIONS = 10_000
const AT_ONCE = 250
/** Less than the 65 s after which the server closes them. */
const IDLE_SECONDS_MAX = 30
const POSTS = 200

export const idleConnections: Ladder = ({ seconds }) =>
  withProduct(async (product) => {
    const { port, token } = product
    await generateLoad({ port, token, connections: 64, seconds: 3, rows: 1 })
    await pause(5_000)
    const rssBefore = product.rss()['main'] ?? 0
    const sockets: Socket[] = []
    for (let n = 0; n < CONNECTIONS; n += AT_ONCE)
      sockets.push(
        ...(await Promise.all(Array.from({ length: AT_ONCE }, () => posted(port, token)))),
      )
    await pause(5_000)
    const idleSeconds = Math.min(seconds, IDLE_SECONDS_MAX)
    const before = product.cpu()
    await pause(idleSeconds * 1_000)
    const after = product.cpu()
    const cores = Object.entries(after).map(
      ([part, used]) => `${part} ${((used - (before[part] ?? 0)) / idleSeconds).toFixed(3)}`,
    )
    const rss = (product.rss()['main'] ?? 0) - rssBefore
    console.log(
      `${CONNECTIONS} idle connections: main takes ${(rss / 1e6).toFixed(0)} MB more, ${(rss / CONNECTIONS / 1e3).toFixed(1)} KB each; idle, in cores: ${cores.join(', ')}`,
    )
    const took: number[] = []
    for (let n = 0; n < POSTS; n += 1) {
      const began = performance.now()
      const socket = await posted(port, token)
      took.push(performance.now() - began)
      socket.destroy()
    }
    const open = sockets.filter((socket) => !socket.destroyed).length
    console.log(
      `among them a new connection's post: p50 ${quantile(took, 0.5).toFixed(1)} p99 ${quantile(took, 0.99).toFixed(1)} ms; ${open} of them still open`,
    )
    for (const socket of sockets) socket.destroy()
  })

/** A connection whose post was acknowledged. */
async function posted(port: number, token: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const body = eventLine(1)
  socket.write(
    `POST /v0/events?name=events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  const [answer] = (await once(socket, 'data')) as [Buffer]
  if (!answer.toString('latin1').startsWith('HTTP/1.1 202 ')) throw new Error(answer.toString())
  return socket
}
