// fixtures/<data source>.ndjson|csv|sql: the rows that tests are about.
import { openAsBlob, readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { parseDatafile } from '@sandpiper/datafile'
import { CliError } from '../cli-error.ts'
import type { Body, Client } from '../client.ts'
import { eventWriter } from '../event-writer.ts'
import { plain } from '../print.ts'
import { inPath, listIn, textIn } from '../show.ts'
import { sqlName, sqlRows } from '../sql-rows.ts'

/** Who is told what. */
interface Told {
  readonly say: (text: string) => void
  readonly warn: (text: string) => void
}

/** Bytes up to which NDJSON goes as events, which takes one round trip. */
const EVENTS_BYTES_MAX = 8 * 1024 * 1024
const KINDS = new Set(['.ndjson', '.csv', '.sql'])

/** Loads each file; returns when their rows, and what views make of them, can be read. Queries come last: they may read the others. */
export async function loadFixtures(client: Client, folder: string, told: Told): Promise<void> {
  const files = namesIn(join(folder, 'fixtures')).filter((name) => KINDS.has(extname(name)))
  if (files.length === 0) return
  const sources = listIn(await client.call('GET', '/v0/datasources'), 'datasources')
  const known = new Set(sources.map((each) => textIn(each, 'name')))
  const load = async (name: string): Promise<void> => {
    const source = name.slice(0, -extname(name).length)
    if (!known.has(source)) {
      told.warn(`fixtures/${name} is left out: the project has no data source ${source}.\n`)
      return
    }
    const answer = await send(client, source, join(folder, 'fixtures', name))
    const refused = Number(answer['quarantined_rows'] ?? 0)
    if (refused > 0)
      told.warn(
        `fixtures/${name}: ${refused} rows do not fit ${source} and are left out. ${await whyRefused(client, source)}\n`,
      )
  }
  told.say(`Loading ${files.length} fixtures ...\n`)
  await Promise.all(files.filter((name) => !isQuery(name)).map(load))
  for (const name of files.filter(isQuery)) await load(name)
}

/** The first reason: the branch, and its quarantine with it, goes with the tests. */
async function whyRefused(client: Client, source: string): Promise<string> {
  const query = `SELECT c__error FROM ${sqlName(`${source}_quarantine`)} LIMIT 1`
  const [row] = await sqlRows(client, query)
  const reasons = row?.['c__error']
  return Array.isArray(reasons) ? plain(reasons.join('; ')) : ''
}

function isQuery(name: string): boolean {
  return extname(name) === '.sql'
}

async function send(client: Client, source: string, path: string): Promise<Body> {
  const kind = extname(path)
  if (kind === '.sql') return sendEvents(client, source, await rowsOfQuery(client, source, path))
  if (kind === '.ndjson' && statSync(path).size <= EVENTS_BYTES_MAX)
    return sendEvents(client, source, readFileSync(path, 'utf8'))
  const query = new URLSearchParams({ mode: 'append', name: source, format: kind.slice(1) })
  const file = await openAsBlob(path)
  return client.call('POST', `/v0/datasources?${query.toString()}`, { file })
}

async function sendEvents(client: Client, source: string, text: string): Promise<Body> {
  if (text.trim() === '') return {}
  const query = new URLSearchParams({ name: source, wait: 'true' })
  const response = await client.open(`/v0/events?${query.toString()}`, { text })
  // 202: the rows are safe, but tests would not see them yet.
  if (response.status !== 200)
    throw new CliError(`the rows of ${source} take too long to load: is the server at work?`)
  return (await response.json()) as Body
}

/** The result of a SELECT, as events of the data source. */
async function rowsOfQuery(client: Client, source: string, path: string): Promise<string> {
  const text = await client.text(`/v0/datasources/${inPath(source)}.datasource`)
  const { file } = parseDatafile(text, { filename: `${source}.datasource` })
  if (file?.kind !== 'datasource') throw new CliError(`${source} is no data source.`)
  const query = readFileSync(path, 'utf8').trim().replace(/;$/, '')
  const rows = await client.postForText('/v0/sql', { text: `${query}\nFORMAT JSONEachRow` })
  const write = eventWriter(file.columns)
  const lines = rows.text.split('\n').filter((line) => line !== '')
  return lines.map((line) => `${write(line)}\n`).join('')
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
