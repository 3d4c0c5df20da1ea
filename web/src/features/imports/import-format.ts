import type { ImportFormat } from '@sandpiper/contracts'

export const FORMATS: readonly { value: ImportFormat; label: string }[] = [
  { value: 'csv', label: 'CSV' },
  { value: 'ndjson', label: 'NDJSON' },
  { value: 'parquet', label: 'Parquet' },
]

/** Enough to guess a schema: the server looks at no more. */
const SAMPLE_BYTES = 1024 * 1024

export function formatOf(fileName: string): ImportFormat {
  const name = fileName.toLowerCase().replace(/\.gz$/, '')
  if (/\.(?:ndjson|jsonl|json)$/.test(name)) return 'ndjson'
  return name.endsWith('.parquet') ? 'parquet' : 'csv'
}

/** The part of a file that tells what is in it. Parquet and packed files are read from their end or as a whole. */
export async function sampleOf(file: File, format: ImportFormat): Promise<Blob> {
  if (format === 'parquet' || file.size <= SAMPLE_BYTES) return file
  const head = new Uint8Array(await file.slice(0, SAMPLE_BYTES).arrayBuffer())
  if (head[0] === 0x1f && head[1] === 0x8b) return file
  const end = head.lastIndexOf(10)
  return new Blob([end < 0 ? head : head.subarray(0, end + 1)])
}
