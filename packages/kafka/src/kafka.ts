// The entry of this package: what other rooms may use.
export type { KafkaConnection, KafkaLogin } from './connection.ts'
export type { KafkaRecord } from './kafka-record.ts'
