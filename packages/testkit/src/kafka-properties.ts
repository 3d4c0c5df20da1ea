// The settings of a broker that is alone, small and quick to start.
import { join } from 'node:path'

/** Ports on loopback; the last three only with a login. */
export interface KafkaPorts {
  readonly plaintext: number
  readonly controller: number
  readonly ssl: number
  readonly saslPlaintext: number
  readonly saslSsl: number
}

/** Who may log in, and the PEM file with the broker's key and certificate. */
export interface KafkaLogin {
  readonly username: string
  readonly password: string
  readonly keystore: string
}

/** server.properties, by key. */
export function kafkaProperties(
  folder: string,
  ports: KafkaPorts,
  login: KafkaLogin | null,
): Record<string, string> {
  const at = (name: string, port: number): string => `${name}://127.0.0.1:${String(port)}`
  const open = [at('PLAINTEXT', ports.plaintext)]
  const guarded = [
    at('SSL', ports.ssl),
    at('SASL_PLAINTEXT', ports.saslPlaintext),
    at('SASL_SSL', ports.saslSsl),
  ]
  const advertised = login === null ? open : [...open, ...guarded]
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${String(ports.controller)}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: [...advertised, at('CONTROLLER', ports.controller)].join(','),
    'advertised.listeners': advertised.join(','),
    'listener.security.protocol.map': [
      ...['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'].map((name) => `${name}:${name}`),
      'CONTROLLER:PLAINTEXT',
    ].join(','),
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': 'false',
    ...SMALL,
    ...(login === null ? {} : guards(login)),
  }
}

const SMALL = {
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '2',
  // After kill -9 the controller waits this long until the same broker may come back.
  'broker.session.timeout.ms': '2000',
  'broker.heartbeat.interval.ms': '500',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  'num.network.threads': '2',
  'num.io.threads': '2',
  'background.threads': '2',
  // Compaction is quick, and its buffer not half of the heap.
  'log.cleaner.dedupe.buffer.size': '10485760',
  'log.cleaner.backoff.ms': '200',
  'log.segment.delete.delay.ms': '1000',
  'log.retention.check.interval.ms': '1000',
  'log.initial.task.delay.ms': '500',
}

function guards({ username, password, keystore }: KafkaLogin): Record<string, string> {
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule'
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule'
  const jaas: Record<string, string> = {}
  for (const listener of ['sasl_plaintext', 'sasl_ssl']) {
    const of = `listener.name.${listener}`
    jaas[`${of}.plain.sasl.jaas.config`] = `${plain} required user_${username}="${password}";`
    jaas[`${of}.scram-sha-256.sasl.jaas.config`] = `${scram} required;`
    jaas[`${of}.scram-sha-512.sasl.jaas.config`] = `${scram} required;`
  }
  return {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystore,
    ...jaas,
  }
}
