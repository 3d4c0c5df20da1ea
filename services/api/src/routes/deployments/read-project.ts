import { fault } from '@sandpiper/faults'
import type { Context } from 'hono'

import type { ApiEnv } from '../../app.ts'
import type { SentFile } from '../../deployments/parse-project.ts'
import { readBytes, readForm } from '../../read-bytes.ts'

/** Files of one project at most. */
const FILES_MAX = 10_000

/**
 * The datafiles of a multipart body: parts called `data_project://`, named by their filename. Other parts are not ours.
 * Source: `@tinybirdco/sdk` src/api/build.ts, read 2026-11. @throws fault `request.invalid` | `request.too_large`.
 */
export async function readProject(c: Context<ApiEnv>, bytesMax: number): Promise<SentFile[]> {
  const type = c.req.header('Content-Type') ?? ''
  if (!type.includes('multipart/form-data')) {
    throw fault('request.invalid', {
      public: 'Send the project as multipart/form-data, one part data_project:// per file.',
    })
  }
  const form = await readForm(await readBytes(c.req.raw, bytesMax, 'project'), type)
  const files: SentFile[] = []
  for (const [name, value] of form.entries()) {
    if (!name.startsWith('data_project://') || typeof value === 'string') continue
    if (files.length >= FILES_MAX)
      throw fault('request.invalid', { public: `A project has at most ${FILES_MAX} files.` })
    files.push({ filename: value.name, text: await value.text() })
  }
  return files
}
