// The one HTTP port. It is taken before anything is started, so that a taken port changes nothing, and answers 503 until the
// product behind it is ready.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

import { StartError, systemCode } from './start-error.ts'

export interface Door {
  readonly port: number
  readonly url: string
  /** From now on requests go here. */
  open(listener: RequestListener): void
  /** Accepts nothing more, lets what runs end for `graceMs`, then cuts it off. */
  close(graceMs: number): Promise<void>
}

/** @throws StartError when the address cannot be had. */
export async function openDoor(host: string, port: number): Promise<Door> {
  let listener: RequestListener = starting
  const server = createServer((req, res) => {
    listener(req, res)
  })
  server.listen({ host, port })
  try {
    await once(server, 'listening')
  } catch (err) {
    throw cannotListen(err, host, port)
  }
  const { port: real } = server.address() as AddressInfo
  return {
    port: real,
    url: `http://${urlHost(host)}:${real}`,
    open(next) {
      listener = next
    },
    async close(graceMs) {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      const timer = setTimeout(() => {
        server.closeAllConnections()
      }, graceMs)
      await closed
      clearTimeout(timer)
    },
  }
}

const starting: RequestListener = (_req, res) => {
  res.writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '1' })
  res.end('{"error":"The server is starting. Try again."}')
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

function cannotListen(err: unknown, host: string, port: number): unknown {
  switch (systemCode(err)) {
    case 'EADDRINUSE':
      return new StartError(`Port ${port} on ${host} is taken. Set SANDPIPER_PORT to another one.`)
    case 'EACCES':
      return new StartError(
        `This user may not listen on port ${port}. Set SANDPIPER_PORT to one above 1023.`,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(
        `This machine has no address ${host}. Set SANDPIPER_HOST to one it has.`,
      )
    default:
      return err
  }
}
