import type { Api } from '../api-client.ts'
import { isNotFound } from '../api-error.ts'

const PATHS: Readonly<Record<string, string>> = {
  pipe: '/v0/pipes',
  datasource: '/v0/datasources',
  connection: '/v0/connectors',
}

/** The published text of a datafile by its name, such as `top_pages.pipe`; null when there is none. */
export async function getLiveDatafile(
  api: Api,
  file: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const path = PATHS[file.slice(file.lastIndexOf('.') + 1)]
  if (path === undefined) return null
  try {
    return await api.text(
      `${path}/${encodeURIComponent(file)}`,
      signal === undefined ? {} : { signal },
    )
  } catch (err) {
    if (isNotFound(err)) return null
    throw err
  }
}
