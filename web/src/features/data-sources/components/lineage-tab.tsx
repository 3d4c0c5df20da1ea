import { Database, Workflow } from 'lucide-react'

import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'

import { useDependencies } from '../api/get-dependencies.ts'
import { lineageOf, type LineageStep } from '../lineage.ts'

/** What feeds it, and what is made of it. */
export function LineageTab({ name }: { name: string }) {
  return (
    <QueryView query={useDependencies()}>
      {(graph) => {
        const { upstream, downstream } = lineageOf(graph, name)
        return (
          <div className="flex flex-col gap-4">
            <div className="grid gap-4 md:grid-cols-2">
              <Steps
                title="Comes from"
                steps={upstream}
                none="Events and files only: no pipe fills it."
              />
              <Steps title="Goes to" steps={downstream} none="Nothing reads it yet." />
            </div>
            <p className="text-sm">
              <PlaceLink to="lineage">The whole lineage of the workspace</PlaceLink>
            </p>
          </div>
        )
      }}
    </QueryView>
  )
}

function Steps({
  title,
  steps,
  none,
}: {
  title: string
  steps: readonly LineageStep[]
  none: string
}) {
  return (
    <Card title={title}>
      {steps.length === 0 ? (
        <p className="text-sm text-muted">{none}</p>
      ) : (
        <ul className="flex flex-col gap-1" aria-label={title}>
          {steps.map(({ name, type, distance }) => {
            const Icon = type === 'pipe' ? Workflow : Database
            const area = type === 'pipe' ? 'pipes' : 'data-sources'
            return (
              <li
                key={name}
                className="flex items-center gap-2 text-sm"
                style={{ paddingLeft: `${(distance - 1) * 1.25}rem` }}
              >
                <Icon size={14} className="shrink-0 text-muted" aria-hidden />
                <PlaceLink to={`${area}/${encodeURIComponent(name)}`}>{name}</PlaceLink>
                <span className="text-xs text-muted">
                  {type === 'pipe' ? 'pipe' : 'data source'}
                  {distance === 1 ? '' : `, ${distance} steps away`}
                </span>
              </li>
            )
          })}
        </ul>
      )}
    </Card>
  )
}
