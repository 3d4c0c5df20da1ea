// What kafkajs throws, as one sentence that may be shown: it names brokers, topics and groups, and never a login.
import type { KafkaConnection } from './connection.ts'

/** A cluster could not be used. `message` is for the owner of the connection: no secrets in it. */
export class KafkaProblem extends Error {
  override readonly name = 'KafkaProblem'
  /** `missing`: the topic is not there. `denied`: login or rights. `away`: anything that may pass by itself. */
  readonly kind: 'missing' | 'denied' | 'away'

  constructor(kind: KafkaProblem['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
  }
}

const DENIED = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
])
const MESSAGE_CHARS_MAX = 300

/** The error as a KafkaProblem. @param connection whose secrets are taken out of the message, should a broker send them back. */
export function kafkaProblem(err: unknown, connection: KafkaConnection): KafkaProblem {
  if (err instanceof KafkaProblem) return err
  const root = rootOf(err)
  const message = withoutSecrets(root.message, connection).slice(0, MESSAGE_CHARS_MAX)
  const type = 'type' in root ? String(root.type) : ''
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return new KafkaProblem('missing', message, err)
  const isDenied = DENIED.has(type) || root.name === 'KafkaJSSASLAuthenticationError'
  return new KafkaProblem(isDenied ? 'denied' : 'away', message, err)
}

function rootOf(err: unknown): Error {
  let root = err instanceof Error ? err : new Error(String(err))
  for (let depth = 0; depth < 10 && root.cause instanceof Error; depth += 1) root = root.cause
  return root
}

function withoutSecrets(message: string, { sasl }: KafkaConnection): string {
  return sasl === null || sasl.password === '' ? message : message.replaceAll(sasl.password, '***')
}
