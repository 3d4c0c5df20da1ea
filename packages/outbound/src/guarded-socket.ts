// Connections to hosts that a caller chose, for clients that speak a protocol of their own (Kafka). A broker also names other brokers: each
// is judged when it is connected to, and the connection goes to the address that was judged.
import { connect, isIP, Socket, type LookupFunction } from 'node:net'
import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { fault, type Fault } from '@sandpiper/faults'

import { isListedHost, isPublicAddress, type PrivateHosts } from './check-address.ts'

/** What to connect to. */
export interface SocketRequest {
  readonly host: string
  readonly port: number
  /** Settings of TLS; absent or null: none. */
  readonly ssl?: ConnectionOptions | null
  readonly onConnect: () => void
}

/** Opens a socket. One to an address that is not allowed is destroyed with a fault `request.invalid`, like any that fails. */
export type OpenSocket = (request: SocketRequest) => Socket

const KEEP_ALIVE_MS = 60_000

/** @param options.privateHosts hosts that may have private addresses; default none. */
export function createOpenSocket(
  options: {
    readonly privateHosts?: PrivateHosts
    /** All addresses of a name; default the system's resolver. */
    readonly resolve?: (
      host: string,
    ) => Promise<readonly { readonly address: string; readonly family: number }[]>
  } = {},
): OpenSocket {
  const { privateHosts = [], resolve = systemResolve } = options
  const judge = (host: string, address: string): Fault | null =>
    isPublicAddress(address) || isListedHost(privateHosts, host, address) ? null : denied(host)

  const judgedLookup: LookupFunction = (host, { all }, callback) => {
    void resolve(host).then(
      (addresses) => {
        const [first] = addresses
        // One private address among public ones is an attack.
        const [problem] = addresses.flatMap(({ address }) => judge(host, address) ?? [])
        if (problem !== undefined || first === undefined)
          callback(problem ?? new Error(`${host} has no address`), '')
        else if (all === true) callback(null, [...addresses])
        else callback(null, first.address, first.family)
      },
      (err: unknown) => {
        callback(err instanceof Error ? err : new Error(String(err)), '')
      },
    )
  }

  return ({ host, port, ssl, onConnect }) => {
    const problem = isIP(host) === 0 ? null : judge(host, host)
    if (problem !== null) return destroyed(problem)
    const target = { host, port, lookup: judgedLookup }
    const socket =
      ssl === undefined || ssl === null
        ? connect(target, onConnect)
        : connectTls(
            { ...target, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl },
            onConnect,
          )
    return socket.setKeepAlive(true, KEEP_ALIVE_MS)
  }
}

async function systemResolve(host: string): Promise<readonly LookupAddress[]> {
  return lookup(host, { all: true, verbatim: true })
}

function destroyed(problem: Fault): Socket {
  const socket = new Socket()
  // Whoever asked has to listen first.
  setImmediate(() => socket.destroy(problem))
  return socket
}

function denied(host: string): Fault {
  return fault('request.invalid', {
    public: `The host '${host.slice(0, 255)}' has an address in a private or reserved network. The operator can allow it (SANDPIPER_CONNECTION_PRIVATE_HOSTS).`,
  })
}
