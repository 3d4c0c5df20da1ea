import { renamedHeader } from './csv-header.ts'
import type { DraftColumn } from './schema-draft.ts'

const HEADER_BYTES_MAX = 262_144

/** The first line of a CSV file, or null when the file is packed. */
async function firstLine(file: Blob): Promise<{ text: string; bytes: number } | null> {
  const head = new Uint8Array(await file.slice(0, HEADER_BYTES_MAX).arrayBuffer())
  if (head[0] === 0x1f && head[1] === 0x8b) return null
  const end = head.findIndex((byte) => byte === 10 || byte === 13)
  const bytes = end < 0 ? head.length : end
  return { text: new TextDecoder().decode(head.subarray(0, bytes)), bytes }
}

/** The file with the columns' new names in its header; the file itself when none was changed or there is no header. */
export async function withNewNames(
  file: Blob,
  paths: readonly string[],
  columns: readonly DraftColumn[],
): Promise<Blob> {
  const names = paths.map((path) => columns.find((each) => each.path === path)?.name ?? null)
  if (names.every((name, at) => name === null || name === paths[at])) return file
  const line = await firstLine(file)
  const header = line === null ? null : renamedHeader(line.text, paths, names)
  return line === null || header === null ? file : new Blob([header, file.slice(line.bytes)])
}
