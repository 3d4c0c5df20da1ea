// The one place that configures kafkajs. What it logs goes to our log at debug level and without its objects, for those may hold settings.
import kafkajs from 'kafkajs'
import type { Kafka, KafkaConfig, SASLOptions } from 'kafkajs'

import type { Logger } from '@sandpiper/telemetry'

import { registerCodecs } from './codecs.ts'
import type { KafkaConnection } from './connection.ts'
import { guardAnswers } from './guard-answers.ts'

/** Milliseconds until a broker must have taken a connection, and answered a request. */
const CONNECT_MS = 5_000
const REQUEST_MS = 15_000

/** A client of a cluster; nothing is connected yet. @param clientId as the cluster's logs and quotas show it. */
export function kafkaClient(
  connection: KafkaConnection,
  options: { readonly clientId: string; readonly logger: Logger; readonly retries?: number },
): Kafka {
  registerCodecs()
  const { tls, sasl } = connection
  const config: KafkaConfig = {
    clientId: options.clientId,
    brokers: [...connection.bootstrapServers],
    ...(tls === null ? {} : { ssl: tls.caPem === null ? true : { ca: [tls.caPem] } }),
    ...(sasl === null ? {} : { sasl: { ...sasl } as SASLOptions }),
    socketFactory: guardAnswers(connection.openSocket),
    connectionTimeout: CONNECT_MS,
    authenticationTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    enforceRequestTimeout: true,
    // Whoever uses the client tries again for as long as it makes sense; here only what passes within a moment.
    retry: { initialRetryTime: 200, maxRetryTime: 2_000, retries: options.retries ?? 4 },
    logLevel: kafkajs.logLevel.INFO,
    logCreator: () => (entry) => {
      const { message } = entry.log
      options.logger.debug({ kafka: entry.namespace }, message)
    },
  }
  return new kafkajs.Kafka(config)
}
