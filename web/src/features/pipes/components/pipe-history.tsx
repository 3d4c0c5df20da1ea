import type { ConsoleVersions } from '@sandpiper/contracts'
import clsx from 'clsx'

import { formatAgo } from '@/lib/format.ts'
import { Badge } from '@/ui/badge.tsx'
import { Button } from '@/ui/button.tsx'
import { DiffView } from '@/ui/editor/diff-view.tsx'
import { Card } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { Empty } from '@/ui/states.tsx'
import { useToast } from '@/ui/toast.tsx'

import { useVersions } from '../api/get-versions.ts'
import type { PipeSearch } from '../pipe-search.ts'

type Version = ConsoleVersions['versions'][number]

export interface PipeHistoryProps {
  name: string
  /** null: it is not live. */
  live: string | null
  /** The draft's text, else the live one. */
  text: string | null
  search: PipeSearch
  onSearch: (search: PipeSearch) => void
  onTake: (content: string) => void
}

/** What the pipe was in past deployments, and a way back to each. */
export function PipeHistory(props: PipeHistoryProps) {
  const versions = useVersions(`${props.name}.pipe`)
  return (
    <QueryView query={versions}>
      {(list) => {
        const shown = list.find(({ deployment }) => deployment === String(props.search.version))
        const chosen = shown ?? list[0]
        if (chosen === undefined)
          return (
            <Empty title="No versions yet">
              Each publication that changes the pipe is kept here, for the last hundred deployments.
            </Empty>
          )
        return (
          <div className="grid min-w-0 items-start gap-4 lg:grid-cols-[18rem_minmax(0,1fr)]">
            <VersionList
              versions={list}
              chosen={chosen.deployment}
              live={props.live}
              onChoose={(version) => props.onSearch({ ...props.search, version })}
            />
            <VersionView version={chosen} {...props} />
          </div>
        )
      }}
    </QueryView>
  )
}

function VersionList(props: {
  versions: readonly Version[]
  chosen: string
  live: string | null
  onChoose: (version: number) => void
}) {
  const { versions, chosen, live, onChoose } = props
  return (
    <ol aria-label="Versions" className="flex flex-col gap-1">
      {versions.map(({ deployment, created_at, content }, at) => (
        <li key={deployment}>
          <button
            type="button"
            aria-current={deployment === chosen ? 'true' : undefined}
            title={created_at}
            onClick={() => onChoose(Number(deployment))}
            className={clsx(
              'flex w-full items-center gap-2 rounded-md border px-3 py-2 text-left text-sm',
              deployment === chosen
                ? 'border-accent bg-surface'
                : 'border-transparent hover:bg-raised',
            )}
          >
            <span className="font-medium">Deployment #{deployment}</span>
            {at === 0 && content === live ? <Badge tone="good">Live</Badge> : null}
            <span className="ml-auto text-xs text-muted">{formatAgo(created_at)}</span>
          </button>
        </li>
      ))}
    </ol>
  )
}

function VersionView({ version, live, text, onTake }: PipeHistoryProps & { version: Version }) {
  const { deployment, content } = version
  const toast = useToast()
  const take = (): void => {
    onTake(content)
    const undo = text === null ? '' : ' Undo takes that back.'
    toast(`Your draft is as deployment #${deployment} had it.${undo}`)
  }
  return (
    <Card
      title={`Deployment #${deployment}`}
      actions={
        content === text ? (
          <span className="text-xs text-muted">What you have now</span>
        ) : (
          <Button onClick={take}>Take into my draft</Button>
        )
      }
    >
      {content === live ? (
        <p className="text-sm text-muted">This is what is live.</p>
      ) : (
        <DiffView
          label={`From live to deployment ${deployment}`}
          before={live ?? ''}
          after={content}
          sideBySide
        />
      )}
    </Card>
  )
}
