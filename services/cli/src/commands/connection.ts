import type { Body } from '../client.ts'
import type { CommandSpec } from '../command-spec.ts'
import { inPath, listIn, objectIn, showLine, showTable, textIn } from '../show.ts'

export const connectionLs: CommandSpec = {
  usage: 'connection ls',
  about: 'connections to other systems, with the data sources that read by them',
  examples: ['connection ls', 'connection ls --json'],
  async run(call) {
    const body = await call.client.call('GET', '/v0/connectors')
    const rows = listIn(body, 'connectors').flatMap((each): unknown[][] => {
      const linkers = listIn(each, 'linkers')
      const named = [each['name'], each['service']]
      return linkers.length === 0 ? [named] : linkers.map((linker) => [...named, ...cells(linker)])
    })
    const headings = ['CONNECTION', 'KIND', 'DATA SOURCE', 'TOPIC', 'STATE', 'LAG', 'ERROR']
    showTable(call, body, { headings, rows, empty: 'There are no connections.' })
  },
}

function cells(linker: Body): unknown[] {
  const { datasource_name, kafka_topic, lag, error } = linker
  const state = textIn(linker, 'state') === 'paused' ? 'paused' : textIn(linker, 'reader')
  return [datasource_name, kafka_topic, state || textIn(linker, 'state'), lag, error]
}

export const connectionPreview: CommandSpec = {
  usage: 'connection preview <connection>',
  about: 'the topics of a connection, or the newest records of one and the schema they suggest',
  options: [
    ['--topic <topic>', 'records of this topic; default: the names of all topics'],
    ['--format <format>', 'json_without_schema, json_with_schema, avro or protobuf'],
    ['--limit <n>', 'records at most', '12'],
  ],
  examples: ['connection preview my_kafka', 'connection preview my_kafka --topic clicks --json'],
  async run(call, [name = ''], options) {
    const topic = options.text('topic')
    const query = new URLSearchParams({ max_records: options.text('limit') ?? '12' })
    if (topic !== undefined) query.set('kafka_topic', topic)
    const format = options.text('format')
    if (format !== undefined) query.set('kafka_value_format', format)
    const path = `/v0/connectors/${inPath(name)}/preview?${query.toString()}`
    const body = await call.client.call('GET', path)
    if (topic === undefined) {
      const rows = (body['topics'] as unknown[] | undefined)?.map((each) => [each]) ?? []
      showTable(call, body, { headings: ['TOPIC'], rows, empty: 'There are no topics.' })
      return
    }
    const [first] = listIn(body, 'preview')
    const records = listIn(objectIn(first ?? {}, 'deserialized'), 'data')
    const rows = records.map((each) => [
      ...[each['__partition'], each['__offset'], each['__timestamp'], each['__key']],
      each['__value'],
    ])
    const headings = ['PARTITION', 'OFFSET', 'TIME', 'KEY', 'VALUE']
    showTable(call, body, { headings, rows, empty: `There are no records in ${topic}.` })
    const schema = textIn(objectIn(first ?? {}, 'analysis'), 'schema')
    if (!call.isJson && schema !== '')
      showLine(call, body, `\nSCHEMA >\n    ${schema.replaceAll('`, ', '`,\n    ')}`)
  },
}

const switchCommand = (what: 'start' | 'stop', about: string): CommandSpec => ({
  usage: `datasource ${what} <datasource>`,
  about,
  examples: [`datasource ${what} clicks`],
  async run(call, [name = '']) {
    const state = what === 'start' ? 'running' : 'paused'
    const path = `/v0/datasources/${inPath(name)}/scheduling/state?state=${state}`
    const body = await call.client.call('PUT', path)
    const said = what === 'start' ? 'reads its topic' : 'reads nothing until it is started'
    showLine(call, body, `${textIn(body, 'datasource_name') || name} ${said}.`)
  },
})

export const datasourceStart = switchCommand('start', 'read its Kafka topic, from where it was')
export const datasourceStop = switchCommand('stop', 'stop reading its Kafka topic')
