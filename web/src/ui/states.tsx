// The four states that every screen has besides its content.
import { CircleAlert, Lock } from 'lucide-react'
import type { ReactNode } from 'react'

import { ApiError, isForbidden } from '@/lib/api-error.ts'

import { Button } from './button.tsx'

/** Grey bars in the shape of what comes. */
export function Loading({ label = 'Loading', rows = 4 }: { label?: string; rows?: number }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-2 p-4">
      {Array.from({ length: rows }, (_, each) => (
        <div key={each} className="h-5 animate-pulse rounded bg-raised" />
      ))}
    </div>
  )
}

/** Nothing here yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 rounded-lg border border-dashed border-line px-6 py-10 text-center">
      <p className="font-medium">{title}</p>
      <div className="max-w-prose text-sm text-muted">{children}</div>
    </div>
  )
}

/** The server's own words, where it happened, and a next step. */
export function ErrorBox({
  error,
  onRetry,
  next,
}: {
  error: unknown
  onRetry?: () => void
  next?: ReactNode
}) {
  if (isForbidden(error)) return <Forbidden said={messageOf(error)} />
  const details = error instanceof ApiError ? error.details : {}
  const place = [
    details.node === undefined ? '' : `node ${details.node}`,
    details.line === undefined ? '' : `line ${details.line}`,
  ].filter((part) => part !== '')
  return (
    <div role="alert" className="flex gap-2 rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">
      <CircleAlert size={16} className="mt-0.5 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-mono text-xs break-words whitespace-pre-wrap">{messageOf(error)}</p>
        {place.length === 0 ? null : <p className="mt-1 text-xs">In {place.join(', ')}.</p>}
        {next === undefined ? null : <div className="mt-1 text-xs text-ink">{next}</div>}
        {details.requestId === undefined ? null : (
          <p className="mt-1 text-xs">Request {details.requestId}</p>
        )}
      </div>
      {onRetry === undefined ? null : <Button onClick={onRetry}>Try again</Button>}
    </div>
  )
}

/** The token is good, but not for this. */
function Forbidden({ said }: { said: string }) {
  return (
    <div
      role="alert"
      className="flex flex-col items-center gap-2 rounded-lg border border-line bg-surface px-6 py-10 text-center"
    >
      <Lock size={20} className="text-muted" aria-hidden />
      <p className="font-medium">Your token may not see this</p>
      <p className="max-w-prose text-sm text-muted">{said}</p>
      <p className="max-w-prose text-sm text-muted">
        Sign in with a token that holds the scope, or ask a workspace administrator for one.
      </p>
    </div>
  )
}

export function messageOf(error: unknown): string {
  if (error instanceof TypeError) return 'The server cannot be reached. Is it running?'
  return error instanceof Error ? error.message : String(error)
}
