// What is imported: a file, an address, or text.
import { openAsBlob } from 'node:fs'
import { usageError } from './cli-error.ts'
import type { PostBody } from './client.ts'

const URL_START = /^https?:\/\//

export async function importBody(from: string): Promise<PostBody> {
  if (URL_START.test(from)) return { form: new URLSearchParams({ url: from }) }
  try {
    // Read as it is sent: a file of any size takes no memory.
    return { file: await openAsBlob(from) }
  } catch {
    throw usageError(`the file ${from} cannot be read. Give the path of a file, or a URL.`)
  }
}

/** By the name of the file; csv when that says nothing. */
export function importFormat(from: string): string {
  const name = from.split('?')[0]?.replace(/\.gz$/, '') ?? ''
  if (/\.(ndjson|jsonl)$/.test(name)) return 'ndjson'
  return name.endsWith('.parquet') ? 'parquet' : 'csv'
}
