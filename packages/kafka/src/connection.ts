// How a cluster is reached. Holds secrets: never logged, never put into a message.

/** Settings of a connection, with its secrets resolved. */
export interface KafkaConnection {
  /** `host:port`, at least one. */
  readonly bootstrapServers: readonly string[]
  /** null: no TLS. `caPem` null: the authorities that Node trusts. */
  readonly tls: { readonly caPem: string | null } | null
  /** null: no login. */
  readonly sasl: KafkaLogin | null
}

/** Who logs in. */
export interface KafkaLogin {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}
