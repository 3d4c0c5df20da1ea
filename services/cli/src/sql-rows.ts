import type { Body, Client } from './client.ts'
import { listIn } from './show.ts'

/** Rows of one SELECT. */
export async function sqlRows(client: Client, query: string): Promise<Body[]> {
  const { text } = await client.postForText('/v0/sql', { text: `${query}\nFORMAT JSON` })
  return listIn(JSON.parse(text) as Body, 'data')
}

/** A text as it stands in SQL. */
export function sqlText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** A column as it stands in SQL. */
export function sqlName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}
