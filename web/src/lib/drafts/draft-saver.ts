// Saves one draft as it is typed: one request at a time, the last text wins, and what another tab saved is never written over unasked.
import type { Draft } from '@sandpiper/contracts'

import { ApiError } from '../api-error.ts'

/** A draft as the server has it. */
export interface SavedDraft {
  revision: number
  content: Draft
}

export interface DraftState {
  /** null: there is no draft, the live file counts. */
  draft: Draft | null
  /** `taken`: another tab saved the draft in between, and nothing is saved until somebody chooses. */
  status: 'none' | 'saving' | 'saved' | 'failed' | 'taken'
  error: unknown
}

export interface DraftSaver {
  readonly state: () => DraftState
  readonly subscribe: (listener: () => void) => () => void
  /** What the server has now: taken over unless something here is not saved yet. */
  see(saved: SavedDraft | null): void
  /** @param live the file that counts now: a draft that equals it is none. */
  edit(content: string | null, live: string | null): void
  /** Says that the draft was made with this live file in mind. */
  rebase(live: string | null): void
  /** After `taken`: mine is saved over the other one. */
  overwrite(): void
  /** After `taken`: the other one is shown. */
  giveWay(): void
  discard(): Promise<void>
  /** Saves at once what waits. */
  flush(): Promise<void>
}

export interface DraftSaverDeps {
  save: (revision: number, draft: Draft) => Promise<SavedDraft>
  discard: () => Promise<void>
  /** Runs `work` later; gives what calls it off. */
  later: (work: () => void) => () => void
}

export function createDraftSaver({ save, discard, later }: DraftSaverDeps): DraftSaver {
  const listeners = new Set<() => void>()
  let state: DraftState = { draft: null, status: 'none', error: null }
  let revision = 0
  let other: SavedDraft | null = null
  let isDirty = false
  let cancel = (): void => undefined
  let running: Promise<void> | null = null
  // Asked again after each wait.
  const hasMore = (): boolean => isDirty

  const show = (change: Partial<DraftState>): void => {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }
  const adopt = (saved: SavedDraft | null): void => {
    revision = saved?.revision ?? 0
    isDirty = false
    show({ draft: saved?.content ?? null, status: saved === null ? 'none' : 'saved', error: null })
  }

  async function store(): Promise<void> {
    const { draft } = state
    isDirty = false
    try {
      if (draft === null) {
        if (revision > 0) await discard()
        revision = 0
      } else revision = (await save(revision, draft)).revision
      if (!hasMore()) show({ status: state.draft === null ? 'none' : 'saved', error: null })
    } catch (err) {
      isDirty = true
      const current = revisionIn(err)
      if (current === null) show({ status: 'failed', error: err })
      else {
        revision = current
        show({ status: 'taken', error: err })
      }
    }
  }

  async function flush(): Promise<void> {
    cancel()
    if (running !== null) await running
    if (!isDirty || state.status === 'taken') return
    running = store()
    await running
    running = null
    if (hasMore() && state.status === 'saving') await flush()
  }

  const soon = (): void => {
    isDirty = true
    cancel()
    cancel = later(() => void flush())
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    see(saved) {
      if (state.status === 'taken') {
        other = saved
        return
      }
      if (isDirty || running !== null) return
      if ((saved?.revision ?? 0) !== revision || state.draft === null) adopt(saved)
    },
    edit(content, live) {
      const base = state.draft === null ? live : state.draft.base
      const draft = content === live && base === live ? null : { content, base }
      show({ draft, ...(state.status === 'taken' ? {} : { status: 'saving' as const }) })
      soon()
    },
    rebase(live) {
      if (state.draft === null) return
      const same = state.draft.content === live
      show({ draft: same ? null : { ...state.draft, base: live }, status: 'saving' })
      soon()
    },
    overwrite() {
      show({ status: 'saving', error: null })
      soon()
    },
    giveWay: () => adopt(other),
    async discard() {
      cancel()
      if (running !== null) await running
      await discard()
      adopt(null)
    },
    flush,
  }
}

/** The revision that the server has, when it refused ours. */
function revisionIn(err: unknown): number | null {
  if (!(err instanceof ApiError) || err.status !== 409) return null
  const body = err.details.body as { current_revision?: unknown } | undefined
  return typeof body?.current_revision === 'number' ? body.current_revision : null
}
