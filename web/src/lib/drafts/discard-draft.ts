import type { Api } from '../api-client.ts'
import { isNotFound } from '../api-error.ts'

/** Removes a draft; one that is gone already is fine. */
export async function discardDraft(api: Api, file: string): Promise<void> {
  try {
    await api.json(`/v0/console/drafts/${encodeURIComponent(file)}`, { method: 'DELETE' })
  } catch (err) {
    if (!isNotFound(err)) throw err
  }
}
