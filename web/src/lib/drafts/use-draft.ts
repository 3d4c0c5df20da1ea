import type { DraftDocument } from '@sandpiper/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useSyncExternalStore } from 'react'

import { useApi } from '../api-context.ts'
import { discardDraft } from './discard-draft.ts'
import { createDraftSaver, type DraftSaver, type DraftState } from './draft-saver.ts'
import { useDrafts } from './get-drafts.ts'
import { draftKeys } from './keys.ts'
import { saveDraft } from './save-draft.ts'

/** Between the last keystroke and the request. */
const QUIET_MS = 600

export interface OpenDraft extends DraftState {
  /** The draft's text, else the live one; null when there is neither, or the file is to go. */
  text: string | null
  /** The live file is another one than the one that was edited. */
  isBehind: boolean
  saver: DraftSaver
  /** Whether it is known already if there is a draft. */
  isReady: boolean
  change: (text: string | null) => void
}

/** The draft of one datafile, saved as it is typed. @param live the published text; null: there is none; undefined: not known yet. */
export function useDraft(file: string, live: string | null | undefined): OpenDraft {
  const api = useApi()
  const client = useQueryClient()
  const drafts = useDrafts()
  const saver = useMemo(() => {
    const key = draftKeys.all(api.place, api.token)
    const put = (next: DraftDocument | null): void => {
      client.setQueryData<DraftDocument[]>(key, (known = []) => [
        ...known.filter(({ id }) => id !== file),
        ...(next === null ? [] : [next]),
      ])
    }
    return createDraftSaver({
      save: async (revision, content) => {
        const saved = await saveDraft(api, { file, revision, content })
        put(saved)
        return saved
      },
      discard: async () => {
        await discardDraft(api, file)
        put(null)
      },
      later: (work) => {
        const timer = setTimeout(work, QUIET_MS)
        return () => clearTimeout(timer)
      },
    })
  }, [api, client, file])
  const saved = drafts.data?.find(({ id }) => id === file)
  useEffect(() => {
    if (drafts.data !== undefined) saver.see(saved ?? null)
  }, [saver, saved, drafts.data])
  useEffect(() => {
    const flush = (): void => void saver.flush()
    addEventListener('pagehide', flush)
    return () => {
      removeEventListener('pagehide', flush)
      flush()
    }
  }, [saver])
  const state = useSyncExternalStore(saver.subscribe, saver.state)
  return {
    ...state,
    saver,
    text: state.draft === null ? (live ?? null) : state.draft.content,
    isBehind: live !== undefined && state.draft !== null && state.draft.base !== live,
    isReady: live !== undefined && (drafts.data !== undefined || drafts.isError),
    change: (text) => saver.edit(text, live ?? null),
  }
}
