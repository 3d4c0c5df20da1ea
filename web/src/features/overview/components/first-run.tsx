import { Database, FileUp, TerminalSquare } from 'lucide-react'
import type { ReactNode } from 'react'

import { useApi } from '@/lib/api-context.ts'
import { useMay } from '@/lib/rights/use-may.ts'
import { CodeBlock, CopyButton } from '@/ui/code-block.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'

/** What to do in a workspace that has no data source yet. */
export function FirstRun() {
  if (!useMay()('create data sources'))
    return (
      <p className="text-sm text-muted">
        There is nothing here that your token may see, and it may create no data source.
      </p>
    )
  return (
    <div className="flex flex-col gap-4">
      <p className="text-sm text-muted">
        Nothing is here yet. Three ways to bring the first rows; each ends with a data source that
        can be queried at once.
      </p>
      <div className="grid gap-3 lg:grid-cols-3">
        <Way icon={<FileUp size={18} aria-hidden />} title="Drop a file">
          <p>CSV, NDJSON or Parquet. Columns and types are read from it and can be changed.</p>
          <PlaceLink to="data-sources/-/new">Choose or drop a file</PlaceLink>
        </Way>
        <Way icon={<Database size={18} aria-hidden />} title="Paste an event">
          <p>One JSON object is enough to make the columns of a data source.</p>
          <PlaceLink to="data-sources/-/new" search={{ from: 'event' }}>
            Paste an event
          </PlaceLink>
        </Way>
        <Way icon={<TerminalSquare size={18} aria-hidden />} title="Send one from a terminal">
          <CurlWay />
        </Way>
      </div>
    </div>
  )
}

function Way({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <section className="flex min-w-0 flex-col gap-2 rounded-lg border border-line bg-surface p-4 text-sm">
      <h2 className="flex items-center gap-2 font-semibold">
        {icon}
        {title}
      </h2>
      {children}
    </section>
  )
}

function CurlWay() {
  const { token } = useApi()
  return (
    <>
      <p>This makes a data source called events and appends one row.</p>
      <CodeBlock label="curl command" code={firstEventCurl(location.origin, '$TOKEN')} />
      <p className="flex items-center gap-1 text-xs text-muted">
        <CopyButton text={token} label="Copy your token" />
        $TOKEN is the token you signed in with. Keep it on servers of your own.
      </p>
    </>
  )
}

/** A command that makes a data source of one event. */
function firstEventCurl(origin: string, token: string): string {
  return [
    `curl -X POST '${origin}/v0/datasources?mode=create&format=ndjson&name=events' \\`,
    `  -H "Authorization: Bearer ${token}" \\`,
    `  -H 'Content-Type: application/x-ndjson' \\`,
    `  -d '{"timestamp":"2026-01-01T12:00:00Z","page":"/","ms":12}'`,
  ].join('\n')
}
