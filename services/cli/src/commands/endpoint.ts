import type { CliCall } from '../cli-call.ts'
import { usageError } from '../cli-error.ts'
import { pairs, type CommandSpec } from '../command-spec.ts'
import { sqlRows, sqlText } from '../sql-rows.ts'
import type { Body } from '../client.ts'
import { inPath, listIn, showLine, showTable, textIn } from '../show.ts'
import { resultTable } from '../result-table.ts'

const FORMATS = new Set(['json', 'csv', 'ndjson', 'parquet', 'csvwithnames', 'prometheus'])

export const endpointLs: CommandSpec = {
  usage: 'endpoint ls',
  about: 'pipes that are published, with their URLs',
  examples: ['endpoint ls'],
  async run(call) {
    const pipes = listIn(await call.client.call('GET', '/v0/pipes'), 'pipes')
    const endpoints = pipes.filter((each) => typeof each['endpoint'] === 'string')
    const urls = endpoints.map((each) => urlOf(call, textIn(each, 'name'), 'json'))
    const rows = endpoints.map((each, index) => [each['name'], urls[index]])
    const body = { endpoints: endpoints.map((each, at) => ({ name: each['name'], url: urls[at] })) }
    showTable(call, body, { headings: ['ENDPOINT', 'URL'], rows, empty: 'There are no endpoints.' })
  },
}

export const endpointData: CommandSpec = {
  usage: 'endpoint data <pipe>',
  about: 'call an endpoint; as a table, unless --format or --json is given',
  options: [
    ['--param <name=value...>', 'its parameters'],
    ['--format <format>', 'json, csv, ndjson, parquet ...'],
  ],
  examples: ['endpoint data top_pages --param limit=3', 'endpoint data top_pages --format csv'],
  async run(call, [pipe = ''], options) {
    const format = options.text('format') ?? 'json'
    if (!FORMATS.has(format))
      throw usageError(`--format ${format}: use ${[...FORMATS].join(', ')}.`)
    const params = new URLSearchParams(pairs('param', options.list('param')))
    const path = `/v0/pipes/${inPath(pipe)}.${format}?${params.toString()}`
    const isTable = options.text('format') === undefined && !call.isJson
    const { bytes } = await call.client.raw(path)
    const shown = isTable ? resultTable(new TextDecoder().decode(bytes)) : null
    call.world.out(shown ?? bytes)
  },
}

export const endpointUrl: CommandSpec = {
  usage: 'endpoint url <pipe>',
  about: 'the address of an endpoint, with the defaults of its parameters',
  options: [
    ['--format <format>', 'json, csv, ndjson ...', 'json'],
    ['--with-token', 'and your token: whoever has the address has the token'],
  ],
  examples: ['endpoint url top_pages'],
  async run(call, [pipe = ''], options) {
    const detail = await call.client.call('GET', `/v0/pipes/${inPath(pipe)}`)
    const params = new URLSearchParams(defaultsOf(detail))
    if (options.isOn('with-token')) params.set('token', await call.client.token())
    const url = urlOf(call, pipe, options.text('format') ?? 'json', params)
    showLine(call, { url }, url)
  },
}

export const endpointStats: CommandSpec = {
  usage: 'endpoint stats [pipe]',
  about: 'requests, errors and latency of the last week, from tinybird.pipe_stats_rt',
  examples: ['endpoint stats', 'endpoint stats top_pages'],
  async run(call, [pipe = '']) {
    const only = pipe === '' ? '' : `AND pipe_name = ${sqlText(pipe)}`
    const rows = await sqlRows(
      call.client,
      `SELECT pipe_name AS pipe, count() AS requests, countIf(error = 1) AS errors,
         round(quantile(0.5)(duration) * 1000, 1) AS p50_ms,
         round(quantile(0.99)(duration) * 1000, 1) AS p99_ms
       FROM tinybird.pipe_stats_rt
       WHERE start_datetime > now() - INTERVAL 7 DAY ${only}
       GROUP BY pipe ORDER BY requests DESC LIMIT 100`,
    )
    const headings = ['PIPE', 'REQUESTS', 'ERRORS', 'P50 MS', 'P99 MS']
    const names = ['pipe', 'requests', 'errors', 'p50_ms', 'p99_ms']
    const shown = rows.map((row) => names.map((name) => row[name]))
    showTable(call, { endpoints: rows }, { headings, rows: shown, empty: 'Nobody has called it.' })
  },
}

function urlOf(
  { client }: CliCall,
  pipe: string,
  format: string,
  params = new URLSearchParams(),
): string {
  const query = params.size === 0 ? '' : `?${params.toString()}`
  return `${client.origin}/v0/pipes/${inPath(pipe)}.${format}${query}`
}

function defaultsOf(pipe: Body): [string, string][] {
  const params = listIn(pipe, 'nodes').flatMap((node) => {
    const given = node['params']
    return Array.isArray(given) ? (given as Body[]) : []
  })
  return params
    .filter((each) => each['default'] !== undefined && each['default'] !== null)
    .map((each) => [textIn(each, 'name'), String(each['default'])])
}
