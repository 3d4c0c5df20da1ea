import { fault } from '@sandpiper/faults'
import type { Context } from 'hono'

import type { ApiEnv } from '../../app.ts'
import type { SentFile } from '../../deployments/parse-project.ts'

/** Files of one project at most. */
const FILES_MAX = 10_000

/**
 * The datafiles of a multipart body: parts called `data_project://`, named by their filename. Other parts are not ours.
 * Source: `@tinybirdco/sdk` src/api/build.ts, read 2026-11. @throws fault `request.invalid`.
 */
export async function readProject(c: Context<ApiEnv>): Promise<SentFile[]> {
  if (!(c.req.header('Content-Type') ?? '').includes('multipart/form-data')) {
    throw fault('request.invalid', {
      public: 'Send the project as multipart/form-data, one part data_project:// per file.',
    })
  }
  const form = await c.req.formData().catch((cause: unknown) => {
    throw fault('request.invalid', { public: 'The body is not valid multipart/form-data.', cause })
  })
  const files: SentFile[] = []
  for (const [name, value] of form.entries()) {
    if (!name.startsWith('data_project://') || typeof value === 'string') continue
    if (files.length >= FILES_MAX)
      throw fault('request.invalid', { public: `A project has at most ${FILES_MAX} files.` })
    files.push({ filename: value.name, text: await value.text() })
  }
  return files
}
