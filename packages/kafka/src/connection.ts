// How a cluster is reached. Holds secrets: never logged, never put into a message.
import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'

/** Settings of a connection, with its secrets resolved. */
export interface KafkaConnection {
  /** `host:port`, at least one. */
  readonly bootstrapServers: readonly string[]
  /** null: no TLS. `caPem` null: the authorities that Node trusts. */
  readonly tls: { readonly caPem: string | null } | null
  /** null: no login. */
  readonly sasl: KafkaLogin | null
  /** Opens every connection, to brokers that a broker names too; default: to any address. */
  readonly openSocket?: (request: {
    readonly host: string
    readonly port: number
    readonly ssl?: ConnectionOptions | null
    readonly onConnect: () => void
  }) => Socket
}

/** Who logs in. */
export interface KafkaLogin {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}
