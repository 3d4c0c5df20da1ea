import { formatBytes, formatCount } from '@/lib/format.ts'
import { Chart } from '@/ui/chart/chart.tsx'
import { SelectField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { SimpleTable } from '@/ui/simple-table.tsx'
import { Stat } from '@/ui/stat.tsx'
import { Empty } from '@/ui/states.tsx'

import type { DataSourceDetail } from '../api/get-data-source.ts'
import { usePartitions, useStorage } from '../api/get-storage.ts'
import type { DetailSearch } from '../detail-search.ts'

export interface StorageTabProps {
  source: DataSourceDetail
  search: DetailSearch
  onSearch: (search: DetailSearch) => void
}

/** How much it holds, how that grew, and in which parts it lies. */
export function StorageTab({ source, search, onSearch }: StorageTabProps) {
  const { statistics, quarantine_rows: refused } = source
  const perRow = statistics.row_count === 0 ? 0 : statistics.bytes / statistics.row_count
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
        <Stat label="Rows" value={formatCount(statistics.row_count)} />
        <Stat label="Size" value={formatBytes(statistics.bytes)} note="compressed" />
        <Stat label="Per row" value={formatBytes(perRow)} />
        <Stat label="In quarantine" value={formatCount(refused)} />
      </div>
      <Growth source={source} search={search} onSearch={onSearch} />
      <Partitions name={source.name} />
    </div>
  )
}

function Growth({ source, search, onSearch }: StorageTabProps) {
  const range = search.range ?? '1d'
  const query = useStorage(source.id, source.name, range)
  return (
    <Card
      title="Over time"
      actions={
        <SelectField
          label="Time range"
          hideLabel
          value={range}
          options={[
            { value: '1d', label: 'Last day' },
            { value: '30d', label: 'Last 30 days' },
          ]}
          onChange={({ target }) =>
            onSearch({ ...search, range: target.value === '30d' ? '30d' : '1d' })
          }
        />
      }
    >
      <QueryView query={query}>
        {(points) =>
          points.length === 0 ? (
            <Empty title="Nothing was measured yet">
              Sizes are noted about a minute after they change.
            </Empty>
          ) : (
            <div className="grid gap-4 lg:grid-cols-2">
              <Chart
                label="Rows over time"
                kind="area"
                time
                x={points.map(({ at }) => at)}
                series={[{ name: 'Rows', values: points.map(({ rows }) => rows) }]}
                format={formatCount}
              />
              <Chart
                label="Bytes over time"
                kind="area"
                time
                x={points.map(({ at }) => at)}
                series={[{ name: 'Bytes', values: points.map(({ bytes }) => bytes) }]}
                format={formatBytes}
              />
            </div>
          )
        }
      </QueryView>
    </Card>
  )
}

function Partitions({ name }: { name: string }) {
  return (
    <Card title="Partitions and parts" pad={false}>
      <QueryView query={usePartitions(name)}>
        {(partitions) =>
          partitions.length === 0 ? (
            <p className="p-4 text-sm text-muted">There are no parts: the data source is empty.</p>
          ) : (
            <SimpleTable
              label={`Partitions of ${name}`}
              columns={[
                { id: 'id', header: 'Partition', cell: ({ id }) => <code>{id}</code> },
                {
                  id: 'rows',
                  header: 'Rows',
                  align: 'right',
                  cell: ({ rows }) => formatCount(rows),
                },
                {
                  id: 'parts',
                  header: 'Parts',
                  align: 'right',
                  cell: ({ parts }) => formatCount(parts),
                },
              ]}
              rows={partitions}
              keyOf={({ id }) => id}
            />
          )
        }
      </QueryView>
    </Card>
  )
}
