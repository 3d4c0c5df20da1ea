// What a broker sends is not trusted: kafkajs parses it where nothing catches an error, and holds as much as an answer announces.
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

import type { KafkaConnection } from './connection.ts'

type OpenSocket = NonNullable<KafkaConnection['openSocket']>

/** Above what a fetch asks for, with a batch that is larger than asked for. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024
const SIZE_BYTES = 4
const KEEP_ALIVE_MS = 60_000

/**
 * Opens sockets that end with an error, and end nothing else, when what comes is no answer of Kafka: one that announces a negative size or
 * more than 64 MiB, or one that cannot be parsed.
 * @param open default: to any address.
 */
export function guardAnswers(open: OpenSocket = openDirectly): OpenSocket {
  return (request) => {
    const socket = open(request)
    const on = socket.on.bind(socket) as (event: string, listener: Listener) => Socket
    const count = announcedSizes()
    socket.on = ((event: string, listener: Listener) => {
      if (event !== 'data') return on(event, listener)
      return on('data', (bytes: Buffer) => {
        try {
          count(bytes)
          listener(bytes)
        } catch (cause) {
          socket.destroy(new Error('what it sends is no answer of Kafka', { cause }))
        }
      })
    }) as Socket['on']
    return socket
  }
}

type Listener = (bytes: Buffer) => void

/** Follows a stream of answers, each with its size in front. A size of 0 is one: the answer to a login may be empty. */
function announcedSizes(): (bytes: Buffer) => void {
  let left = 0
  let head = Buffer.alloc(0)
  return (bytes) => {
    for (let at = 0; at < bytes.length;) {
      const take = Math.min(left > 0 ? left : SIZE_BYTES - head.length, bytes.length - at)
      const part = bytes.subarray(at, at + take)
      at += take
      if (left > 0) {
        left -= take
        continue
      }
      head = Buffer.concat([head, part])
      if (head.length < SIZE_BYTES) continue
      left = head.readInt32BE(0)
      head = Buffer.alloc(0)
      if (left < 0 || left > ANSWER_BYTES_MAX) throw new Error(`an answer of ${String(left)} bytes`)
    }
  }
}

function openDirectly({ host, port, ssl, onConnect }: Parameters<OpenSocket>[0]): Socket {
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket =
    ssl == null
      ? connect({ host, port }, onConnect)
      : connectTls({ host, port, ...name, ...ssl }, onConnect)
  return socket.setKeepAlive(true, KEEP_ALIVE_MS)
}
