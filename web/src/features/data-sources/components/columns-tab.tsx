import type { ColumnBody } from '@sandpiper/contracts'

import { formatCount } from '@/lib/format.ts'
import { useInSight } from '@/lib/use-in-sight.ts'
import { useLiveFile } from '@/lib/project/get-live-file.ts'
import { Badge } from '@/ui/badge.tsx'
import { CodeBlock } from '@/ui/code-block.tsx'
import { Card } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'

import type { DataSourceDetail } from '../api/get-data-source.ts'
import { useProfile } from '../api/get-profile.ts'
import { PROFILE_ROWS_MAX } from '../profile-sql.ts'
import { ProfileView } from './profile-view.tsx'

/** The schema, and what the values of each column are like. */
export function ColumnsTab({ source }: { source: DataSourceDetail }) {
  const { name, columns, statistics } = source
  return (
    <div className="flex flex-col gap-4">
      {statistics.row_count > PROFILE_ROWS_MAX ? (
        <p className="text-sm text-muted">
          Profiles look at {formatCount(PROFILE_ROWS_MAX)} of {formatCount(statistics.row_count)}{' '}
          rows.
        </p>
      ) : null}
      <ul className="flex flex-col gap-2" aria-label="Columns">
        {columns.map((column) => (
          <li key={column.name}>
            <ColumnCard
              table={name}
              column={column}
              hasRows={statistics.row_count > 0}
              keys={keysOf(source, column.name)}
            />
          </li>
        ))}
      </ul>
      <Datafile name={name} />
    </div>
  )
}

function ColumnCard({
  table,
  column,
  hasRows,
  keys,
}: {
  table: string
  column: ColumnBody
  hasRows: boolean
  keys: readonly string[]
}) {
  const [element, isInSight] = useInSight<HTMLDivElement>()
  const profile = useProfile(table, column, isInSight && hasRows)
  const { name, type, nullable, jsonpath, default_value, codec } = column
  return (
    <div
      ref={element}
      className="grid min-h-24 gap-3 rounded-lg border border-line bg-surface p-3 md:grid-cols-[18rem_1fr]"
    >
      <div className="min-w-0">
        <h3 className="font-medium break-all">{name}</h3>
        <p className="font-mono text-xs break-all text-muted">
          {nullable ? `Nullable(${type})` : type}
        </p>
        <p className="mt-1 flex flex-wrap gap-1">
          {keys.map((key) => (
            <Badge key={key} tone="accent">
              {key}
            </Badge>
          ))}
        </p>
        {[jsonpath, default_value, codec].map((part, at) =>
          part === null ? null : (
            <p key={at} className="mt-1 font-mono text-xs break-all text-muted">
              {part}
            </p>
          ),
        )}
      </div>
      {hasRows ? (
        <QueryView
          query={profile}
          loading={
            <div
              {...(isInSight ? { role: 'status', 'aria-label': 'Loading' } : {})}
              className="min-h-16 animate-pulse rounded bg-raised"
            />
          }
        >
          {(told) => <ProfileView profile={told} column={column} />}
        </QueryView>
      ) : (
        <p className="text-sm text-muted">No rows yet.</p>
      )}
    </div>
  )
}

function Datafile({ name }: { name: string }) {
  return (
    <Card title="Datafile">
      <QueryView query={useLiveFile(`${name}.datasource`)}>
        {(text) => <CodeBlock code={text ?? ''} label={`${name}.datasource`} />}
      </QueryView>
    </Card>
  )
}

function keysOf(source: DataSourceDetail, column: string): string[] {
  const holds = (text: string): boolean =>
    new RegExp(`(^|[^\\w])${column.replaceAll(/[^\w]/g, '\\$&')}([^\\w]|$)`).test(text)
  return [
    ...(holds(source.sorting_key) ? ['sorting key'] : []),
    ...(holds(source.partition_key) ? ['partition key'] : []),
    ...(holds(source.ttl) ? ['TTL'] : []),
  ]
}
