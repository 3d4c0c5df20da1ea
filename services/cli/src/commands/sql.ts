import type { Command } from 'commander'
import type { CommandGroup } from '../cli-call.ts'
import { table } from '../print.ts'

/** `sandpiper sql "<query>"`. */
export const addSqlCommand: CommandGroup = (program, call) => {
  program
    .command('sql <query>')
    .description('one SELECT; as a table, unless it names a FORMAT')
    .action(async (query: string, _: unknown, command: Command) => {
      const { client, world, isJson } = call(command)
      const { text, contentType } = await client.postForText('/v0/sql', { text: query })
      const result = contentType.includes('json') && !isJson ? resultOf(text) : null
      world.out(result === null ? ended(text) : table(result.headings, result.rows))
    })
}

/** The parts of FORMAT JSON; null for another one. */
function resultOf(text: string): { headings: string[]; rows: unknown[][] } | null {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return null
  }
  const { meta, data } = (body ?? {}) as { meta?: unknown; data?: unknown }
  if (!Array.isArray(meta) || !Array.isArray(data)) return null
  const headings = meta.map((column) => String((column as { name?: unknown }).name))
  const rows = (data as Record<string, unknown>[]).map((row) => headings.map((name) => row[name]))
  return { headings, rows }
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
