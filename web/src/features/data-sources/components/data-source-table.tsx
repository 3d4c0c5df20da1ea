import type { ReactNode } from 'react'

import { formatAgo, formatBytes, formatCount } from '@/lib/format.ts'
import { Badge } from '@/ui/badge.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'

import type { ListRow, ListSearch, ListSort } from '../data-source-list.ts'
import { SortHeader } from './sort-header.tsx'

export interface DataSourceTableProps {
  rows: readonly ListRow[]
  search: ListSearch
  /** False: the token may not read when rows came. */
  hasLastEvents: boolean
  onSort: (sort: ListSort, desc: boolean) => void
}

export function DataSourceTable(props: DataSourceTableProps) {
  const { rows, search, hasLastEvents, onSort } = props
  const { sort = 'name', desc = false } = search
  const header = (id: ListSort, label: string): ReactNode => (
    <SortHeader
      label={label}
      sorted={id === sort ? (desc ? 'down' : 'up') : undefined}
      onSort={() => onSort(id, id === sort && !desc)}
    />
  )
  const columns: Column<ListRow>[] = [
    {
      id: 'name',
      header: header('name', 'Name'),
      cell: (row) => <Named row={row} />,
    },
    {
      id: 'engine',
      header: header('engine', 'Engine'),
      cell: ({ engine }) => <span className="text-muted">{engine}</span>,
    },
    {
      id: 'rows',
      header: header('rows', 'Rows'),
      align: 'right',
      cell: ({ rows: count }) => formatCount(count),
    },
    {
      id: 'bytes',
      header: header('bytes', 'Size'),
      align: 'right',
      cell: ({ bytes }) => formatBytes(bytes),
    },
    {
      id: 'quarantine',
      header: header('quarantine', 'Quarantine'),
      align: 'right',
      cell: (row) => <Quarantined row={row} />,
    },
  ]
  const last: Column<ListRow> = {
    id: 'last',
    header: header('last', 'Last rows'),
    align: 'right',
    cell: ({ last: at }) => (
      <span className="whitespace-nowrap text-muted">{at === undefined ? '–' : formatAgo(at)}</span>
    ),
  }
  return (
    <SimpleTable
      label="Data sources"
      columns={hasLastEvents ? [...columns, last] : columns}
      rows={rows}
      keyOf={({ name }) => name}
    />
  )
}

function Named({ row: { name, description } }: { row: ListRow }) {
  return (
    <>
      <PlaceLink
        to={`data-sources/${encodeURIComponent(name)}`}
        className="font-medium text-accent hover:underline"
      >
        {name}
      </PlaceLink>
      {description === '' ? null : <p className="truncate text-xs text-muted">{description}</p>}
    </>
  )
}

function Quarantined({ row: { name, quarantine } }: { row: ListRow }) {
  if (quarantine === 0) return <span className="text-muted">0</span>
  return (
    <PlaceLink
      to={`data-sources/${encodeURIComponent(name)}`}
      search={{ tab: 'quarantine' }}
      label={`${quarantine} rows of ${name} in quarantine`}
    >
      <Badge tone="warn">{formatCount(quarantine)}</Badge>
    </PlaceLink>
  )
}
