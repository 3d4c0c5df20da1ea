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
  /** Whether something was written that the server does not have. */
  isUnsaved(): boolean
}

export interface DraftSaverDeps {
  save: (revision: number, draft: Draft) => Promise<SavedDraft>
  discard: () => Promise<void>
  /** Runs `work` later; gives what calls it off. */
  later: (work: () => void) => () => void
}

export function createDraftSaver(deps: DraftSaverDeps): DraftSaver {
  return new Saver(deps)
}

class Saver implements DraftSaver {
  readonly #deps: DraftSaverDeps
  readonly #listeners = new Set<() => void>()
  #state: DraftState = { draft: null, status: 'none', error: null }
  #revision = 0
  #other: SavedDraft | null = null
  #isDirty = false
  #cancel = (): void => undefined
  #running: Promise<void> | null = null

  constructor(deps: DraftSaverDeps) {
    this.#deps = deps
  }

  readonly state = (): DraftState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  see(saved: SavedDraft | null): void {
    if (this.#state.status === 'taken') {
      this.#other = saved
      return
    }
    if (this.#isDirty || this.#running !== null) return
    if ((saved?.revision ?? 0) !== this.#revision || this.#state.draft === null) this.#adopt(saved)
  }

  edit(content: string | null, live: string | null): void {
    const { draft: known, status } = this.#state
    const base = known === null ? live : known.base
    const draft = content === live && base === live ? null : { content, base }
    this.#show({ draft, ...(status === 'taken' ? {} : { status: 'saving' as const }) })
    this.#soon()
  }

  rebase(live: string | null): void {
    const { draft } = this.#state
    if (draft === null) return
    const same = draft.content === live
    this.#show({ draft: same ? null : { ...draft, base: live }, status: 'saving' })
    this.#soon()
  }

  overwrite(): void {
    this.#show({ status: 'saving', error: null })
    this.#soon()
  }

  giveWay(): void {
    this.#adopt(this.#other)
  }

  async discard(): Promise<void> {
    this.#cancel()
    if (this.#running !== null) await this.#running
    await this.#deps.discard()
    this.#adopt(null)
  }

  async flush(): Promise<void> {
    this.#cancel()
    if (this.#running !== null) await this.#running
    if (!this.#isDirty || this.#state.status === 'taken') return
    this.#running = this.#store()
    await this.#running
    this.#running = null
    if (this.#hasMore() && this.state().status === 'saving') await this.flush()
  }

  isUnsaved(): boolean {
    return this.#isDirty || this.#running !== null
  }

  async #store(): Promise<void> {
    const { draft } = this.#state
    this.#isDirty = false
    try {
      if (draft === null) {
        if (this.#revision > 0) await this.#deps.discard()
        this.#revision = 0
      } else this.#revision = (await this.#deps.save(this.#revision, draft)).revision
      if (!this.#hasMore())
        this.#show({ status: this.state().draft === null ? 'none' : 'saved', error: null })
    } catch (err) {
      this.#isDirty = true
      const current = revisionIn(err)
      if (current === null) this.#show({ status: 'failed', error: err })
      else {
        this.#revision = current
        this.#show({ status: 'taken', error: err })
      }
    }
  }

  // Asked again after each wait.
  #hasMore(): boolean {
    return this.#isDirty
  }

  #soon(): void {
    this.#isDirty = true
    this.#cancel()
    this.#cancel = this.#deps.later(() => void this.flush())
  }

  #adopt(saved: SavedDraft | null): void {
    this.#revision = saved?.revision ?? 0
    this.#isDirty = false
    const status = saved === null ? 'none' : 'saved'
    this.#show({ draft: saved?.content ?? null, status, error: null })
  }

  #show(change: Partial<DraftState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

/** The revision that the server has, when it refused ours. */
function revisionIn(err: unknown): number | null {
  if (!(err instanceof ApiError) || err.status !== 409) return null
  const body = err.details.body as { current_revision?: unknown } | undefined
  return typeof body?.current_revision === 'number' ? body.current_revision : null
}
