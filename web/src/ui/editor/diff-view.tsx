import { lazy, Suspense } from 'react'

const Loaded = lazy(async () => ({ default: (await import('./merge-view.tsx')).MergedText }))

/** What a file was and what it becomes, in one column. */
export function DiffView(props: { label: string; before: string; after: string }) {
  return (
    <Suspense fallback={<pre className="p-3 font-mono text-xs text-muted">{props.after}</pre>}>
      <Loaded {...props} />
    </Suspense>
  )
}
