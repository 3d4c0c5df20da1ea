import type { Draft, DraftDocument } from '@sandpiper/contracts'

import type { Api } from '../api-client.ts'

export interface DraftChange {
  /** `top_pages.pipe`. */
  file: string
  /** Of the draft that is changed; 0 begins one. */
  revision: number
  content: Draft
}

/** @throws ApiError 409 when another tab has changed the draft. */
export function saveDraft(
  api: Api,
  { file, revision, content }: DraftChange,
): Promise<DraftDocument> {
  return api.json<DraftDocument>(`/v0/console/drafts/${encodeURIComponent(file)}`, {
    method: 'PUT',
    json: { revision, content },
  })
}
