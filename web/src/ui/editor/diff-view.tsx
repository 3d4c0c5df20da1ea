import { lazy, Suspense } from 'react'

export interface DiffViewProps {
  label: string
  before: string
  after: string
  /** Two columns where there is room; one below the other on a phone. Default: one column. */
  sideBySide?: boolean
}

const Loaded = lazy(async () => ({ default: (await import('./merge-view.tsx')).MergedText }))
const TwoColumns = lazy(async () => ({ default: (await import('./side-by-side.tsx')).SideBySide }))

/** What a file was and what it becomes. */
export function DiffView({ sideBySide = false, ...props }: DiffViewProps) {
  const Shown = sideBySide && matchMedia('(min-width: 1024px)').matches ? TwoColumns : Loaded
  return (
    <Suspense fallback={<pre className="p-3 font-mono text-xs text-muted">{props.after}</pre>}>
      <Shown {...props} />
    </Suspense>
  )
}
