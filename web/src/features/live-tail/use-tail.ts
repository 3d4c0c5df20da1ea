import { useCallback, useEffect, useReducer, useState } from 'react'

import type { TailBatch } from '@sandpiper/contracts'

import { isPassing } from '@/lib/api-error.ts'
import { useApi } from '@/lib/api-context.ts'

import { tailDataSource } from './api/tail-data-source.ts'
import { EMPTY_TAIL, type TailState, withBatch } from './tail-rows.ts'

const RETRY_MS = 2000

export interface Tail {
  state: TailState
  status: 'connecting' | 'open' | 'ended'
  /** What ended it, or why it is tried again. */
  reason: string | null
  error: unknown
  clear: () => void
  again: () => void
}

type Change = TailBatch | 'clear'

/** Watches a data source while the component is there. A lost connection is taken up again; a refusal is not. */
export function useTail(name: string): Tail {
  const api = useApi()
  const [state, change] = useReducer(
    (before: TailState, next: Change) =>
      next === 'clear' ? { ...EMPTY_TAIL, next: before.next } : withBatch(before, next),
    EMPTY_TAIL,
  )
  const [status, setStatus] = useState<Tail['status']>('connecting')
  const [reason, setReason] = useState<string | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [round, again] = useReducer((before: number) => before + 1, 0)
  useEffect(() => {
    const gone = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const watch = async (): Promise<void> => {
      setStatus('connecting')
      const on = {
        begin: () => {
          setStatus('open')
          setError(null)
          setReason(null)
        },
        batch: change,
      }
      try {
        setReason(await tailDataSource(api, name, on, gone.signal))
        setStatus('ended')
      } catch (err) {
        if (gone.signal.aborted) return
        setError(err)
        if (isPassing(err)) timer = setTimeout(() => void watch(), RETRY_MS)
        else setStatus('ended')
      }
    }
    void watch()
    return () => {
      gone.abort()
      clearTimeout(timer)
    }
  }, [api, name, round])
  return { state, status, reason, error, again, clear: useCallback(() => change('clear'), []) }
}
