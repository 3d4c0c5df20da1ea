// A look at a topic before a data source is made of it: its newest records, decoded, and the schema they suggest. Nothing is kept, no group's
// offsets move.
import { randomUUID } from 'node:crypto'

import { KAFKA_FORMATS, printColumn, splitNullable, type KafkaFormat } from '@sandpiper/datafile'
import { resolveKafkaConnection, type DeployedConnection } from '@sandpiper/deployment'
import { fault, type Fault } from '@sandpiper/faults'
import { KafkaProblem, kafkaAdmin, sampleTopic, type KafkaRecord } from '@sandpiper/kafka'
import { createFormatDecoder } from '@sandpiper/registry'
import { inferFromJson } from '@sandpiper/rows'
import { briefError } from '@sandpiper/telemetry'

import type { ApiDeps } from '../api-deps.ts'

const CLIENT_ID = 'sandpiper-preview'
const RECORDS_MAX = 100
const WAIT_MS = 8_000
const TOPICS_MAX = 1_000
const VALUE_SHOWN_CHARS = 10_000

/** What a preview is asked for. */
export interface PreviewRequest {
  /** null: only the names of the topics. */
  readonly topic: string | null
  readonly groupId: string | null
  /** Default 12, at most 100. */
  readonly recordsMax: number
  readonly format: KafkaFormat
}

/** Reads the query of a preview. @throws fault `request.invalid`. */
export function readPreviewRequest(query: (name: string) => string | undefined): PreviewRequest {
  const asked = Number(query('max_records') ?? 12)
  const named = query('kafka_value_format')?.toLowerCase()
  const format = KAFKA_FORMATS.find((each) => each === (named ?? KAFKA_FORMATS[0]))
  if (format === undefined)
    throw fault('request.invalid', {
      public: `kafka_value_format is one of ${KAFKA_FORMATS.join(', ')}.`,
    })
  if (!Number.isInteger(asked) || asked < 1 || asked > RECORDS_MAX)
    throw fault('request.invalid', {
      public: `max_records is a number from 1 to ${String(RECORDS_MAX)}.`,
    })
  const topic = query('kafka_topic') ?? null
  return { topic, groupId: query('kafka_group_id') ?? null, recordsMax: asked, format }
}

/**
 * @throws fault `request.invalid` for a connection that cannot be used so | `resource.missing` for an unknown topic |
 * `remote.unavailable` when the cluster or its registry does not answer as it should. No text holds a secret.
 */
export async function previewTopic(
  deps: ApiDeps,
  workspaceId: string,
  connection: DeployedConnection,
  request: PreviewRequest,
): Promise<Record<string, unknown>> {
  const tools = deps.connections
  if (tools === undefined)
    throw fault('server.busy', { public: 'This server opens no connections.' })
  const secrets = await deps.catalog.secretsOf(workspaceId)
  const resolved = resolveKafkaConnection(connection.file, secrets)
  if (resolved.kind === 'problem')
    throw fault('request.invalid', { public: `${resolved.message}.` })
  const { registryUrl, bootstrapServers, tls, sasl } = resolved.value
  const kafka = { bootstrapServers, tls, sasl, openSocket: tools.openSocket }
  const client = { connection: kafka, clientId: CLIENT_ID, logger: deps.logger }
  try {
    if (request.topic === null) {
      const topics = await kafkaAdmin(kafka, client).topics()
      return { topics: topics.slice(0, TOPICS_MAX), preview: [], earliest: [] }
    }
    const group = `${request.groupId ?? 'sandpiper'}-preview-${randomUUID()}`
    const { topic, recordsMax } = request
    const records = await sampleTopic({
      ...client,
      topic,
      groupId: group,
      recordsMax,
      waitMs: WAIT_MS,
    })
    const registry = registryUrl === null ? null : tools.registries.of(registryUrl)
    return await describe(topic, records, createFormatDecoder(request.format, registry))
  } catch (err) {
    throw err instanceof KafkaProblem ? toFault(deps, err) : err
  }
}

async function describe(
  topic: string,
  records: readonly KafkaRecord[],
  decoder: ReturnType<typeof createFormatDecoder>,
): Promise<Record<string, unknown>> {
  const signal = AbortSignal.timeout(WAIT_MS)
  const texts: string[] = []
  const problems: string[] = []
  const data: Record<string, unknown>[] = []
  for (const record of records) {
    let value = record.value === null ? null : decoder.decode(record.value)
    if (value?.kind === 'wanted') {
      await decoder.load(value.schemaId, signal)
      value = decoder.decode(record.value ?? Buffer.alloc(0))
    }
    if (value?.kind === 'text') texts.push(value.text)
    else if (value?.kind === 'refused') problems.push(value.message)
    data.push(shownRecord(record, value?.kind === 'text' ? value.text : null))
  }
  const inferred = inferFromJson(texts)
  const columns = inferred.columns.map(({ column, presence }) => ({
    path: column.jsonPath ?? column.name,
    recommended_type: splitNullable(column.type).type,
    present_pct: presence,
    name: column.name,
  }))
  const schema = inferred.columns.map(({ column }) => printColumn(column)).join(', ')
  const times = records.map(({ timestampMs }) => timestampMs)
  return {
    preview: [
      {
        topic,
        analysis: { columns, schema },
        deserialized: { meta: META, data },
        problems: [...new Set(problems)].slice(0, 5),
      },
    ],
    earliest: times.length === 0 ? [] : [{ timestamp: new Date(Math.min(...times)).toISOString() }],
  }
}

const META = [
  ['__value', 'String'],
  ['__topic', 'LowCardinality(String)'],
  ['__partition', 'Int16'],
  ['__offset', 'Int64'],
  ['__timestamp', 'DateTime'],
  ['__key', 'String'],
].map(([name, type]) => ({ name, type }))

/** The value stays text: a number of JSON may have more digits than a number of ours. */
function shownRecord(record: KafkaRecord, text: string | null): Record<string, unknown> {
  const { topic, partition, offset, timestampMs, key, value } = record
  const shown = text ?? value?.toString('utf8') ?? ''
  return {
    __value: shown.slice(0, VALUE_SHOWN_CHARS),
    ...{ __topic: topic, __partition: partition, __offset: offset },
    __timestamp: new Date(Number.isFinite(timestampMs) ? Math.max(0, timestampMs) : 0)
      .toISOString()
      .slice(0, 19)
      .replace('T', ' '),
    __key: key?.toString('utf8').slice(0, VALUE_SHOWN_CHARS) ?? '',
  }
}

function toFault(deps: ApiDeps, problem: KafkaProblem): Fault {
  deps.logger.info({ err: briefError(problem) }, 'a preview of a topic failed')
  if (problem.kind === 'missing')
    return fault('resource.missing', { public: 'The topic does not exist.', cause: problem })
  const what =
    problem.kind === 'denied' ? 'refuses the login or the right' : 'does not answer as it should'
  return fault('remote.unavailable', {
    public: `The Kafka cluster ${what}: ${problem.message}`,
    cause: problem,
  })
}
