import { useDrafts } from '@/lib/drafts/get-drafts.ts'
import { usePipes } from '@/lib/catalog/get-pipes.ts'
import { IfMay } from '@/lib/rights/if-may.tsx'
import { Badge } from '@/ui/badge.tsx'
import { Button } from '@/ui/button.tsx'
import { TextField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'
import { Empty } from '@/ui/states.tsx'

import { NODE_KINDS } from '../node-kinds.ts'
import { pipeRows, type PipeListSearch, type PipeRow } from '../pipe-rows.ts'

export interface PipeListProps {
  search: PipeListSearch
  onSearch: (search: PipeListSearch) => void
  onNew: () => void
}

export function PipeList({ search, onSearch, onNew }: PipeListProps) {
  const drafts = useDrafts()
  return (
    <QueryView query={usePipes()}>
      {(pipes) => {
        const known = drafts.data ?? []
        const rows = pipeRows(pipes, known, search)
        if (rows.length === 0 && search.q === undefined && search.tag === undefined)
          return (
            <Empty title="No pipes yet">
              <p className="mb-3">
                A pipe turns data sources into an answer, in nodes of SQL that read each other.
              </p>
              <IfMay act="change the workspace">
                <Button look="primary" onClick={onNew}>
                  New pipe
                </Button>
              </IfMay>
            </Empty>
          )
        return (
          <div className="flex flex-col gap-3">
            <Filters search={search} onSearch={onSearch} />
            {rows.length === 0 ? (
              <Empty title="No pipe fits the search">Clear it to see all.</Empty>
            ) : (
              <Card pad={false}>
                <SimpleTable
                  label="Pipes"
                  rows={rows}
                  keyOf={({ name }) => name}
                  columns={columns((tag) => onSearch({ ...search, tag }))}
                />
              </Card>
            )}
          </div>
        )
      }}
    </QueryView>
  )
}

function Filters({ search, onSearch }: Pick<PipeListProps, 'search' | 'onSearch'>) {
  const { tag, ...others } = search
  return (
    <div className="flex flex-wrap items-center gap-2">
      <div className="w-full max-w-sm">
        <TextField
          label="Search pipes"
          hideLabel
          type="search"
          placeholder="Search by name or description"
          value={search.q ?? ''}
          onChange={({ target }) => onSearch({ ...search, q: target.value })}
        />
      </div>
      {tag === undefined ? null : (
        <Button onClick={() => onSearch(others)}>Tag {tag}: show all</Button>
      )}
    </div>
  )
}

const DRAFTS = {
  none: null,
  new: <Badge tone="accent">new draft</Badge>,
  changed: <Badge tone="accent">draft</Badge>,
  removed: <Badge tone="bad">to be removed</Badge>,
}

function columns(onTag: (tag: string) => void): Column<PipeRow>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      cell: ({ name, description, draft }) => (
        <div className="flex flex-col">
          <span className="flex flex-wrap items-center gap-2">
            <PlaceLink
              to={`pipes/${encodeURIComponent(name)}`}
              className="font-medium text-accent underline-offset-2 hover:underline"
            >
              {name}
            </PlaceLink>
            {DRAFTS[draft]}
          </span>
          {description === '' ? null : (
            <span className="truncate text-xs text-muted">{description}</span>
          )}
        </div>
      ),
    },
    {
      id: 'type',
      header: 'Type',
      cell: ({ type }) => (
        <Badge tone={NODE_KINDS[type].tone}>
          {type === 'standard' ? 'Pipe' : NODE_KINDS[type].label}
        </Badge>
      ),
    },
    { id: 'nodes', header: 'Nodes', align: 'right', cell: ({ nodes }) => nodes },
    {
      id: 'endpoint',
      header: 'Endpoint',
      cell: ({ name, isEndpoint }) =>
        isEndpoint ? (
          <PlaceLink to={`endpoints/${encodeURIComponent(name)}`}>{name}.json</PlaceLink>
        ) : (
          ''
        ),
    },
    {
      id: 'tags',
      header: 'Tags',
      cell: ({ tags }) => (
        <span className="flex flex-wrap gap-1">
          {tags.map((tag) => (
            <Button key={tag} look="quiet" className="h-6 px-1" onClick={() => onTag(tag)}>
              {tag}
            </Button>
          ))}
        </span>
      ),
    },
  ]
}
