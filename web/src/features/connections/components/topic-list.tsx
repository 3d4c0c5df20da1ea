import { Pause, Play } from 'lucide-react'

import { formatCount } from '@/lib/format.ts'
import { Badge } from '@/ui/badge.tsx'
import { Button } from '@/ui/button.tsx'
import { Card } from '@/ui/page.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import type { Connection, Linker } from '../api/get-connections.ts'
import { useSetReading } from '../api/set-reading.ts'

/** How each topic is read: by which data source, how far behind, and what stops it. */
export function TopicList({ connections }: { connections: readonly Connection[] }) {
  const reading = useSetReading()
  const topics = connections.flatMap(({ linkers }) =>
    linkers.filter(({ kafka_topic }) => kafka_topic !== undefined),
  )
  if (topics.length === 0) return null
  const actions: Column<Linker> = {
    id: 'action',
    header: '',
    align: 'right',
    cell: ({ datasource_name: name, state }) => (
      <Button
        disabled={reading.isPending}
        aria-label={state === 'paused' ? `Resume ${name}` : `Pause ${name}`}
        onClick={() => {
          reading.mutate({ dataSource: name, state: state === 'paused' ? 'running' : 'paused' })
        }}
      >
        {state === 'paused' ? <Play size={14} /> : <Pause size={14} />}
        {state === 'paused' ? 'Resume' : 'Pause'}
      </Button>
    ),
  }
  return (
    <>
      {reading.isError ? <ErrorBox error={reading.error} /> : null}
      <Card pad={false}>
        <SimpleTable
          label="Topics"
          columns={[...COLUMNS, actions]}
          rows={topics}
          keyOf={(each) => each.datasource_id}
        />
      </Card>
    </>
  )
}

const COLUMNS: readonly Column<Linker>[] = [
  {
    id: 'source',
    header: 'Data source',
    cell: (each) => <span className="font-medium">{each.datasource_name}</span>,
  },
  {
    id: 'topic',
    header: 'Topic, group',
    cell: (each) => (
      <span className="font-mono text-xs break-all">
        {each.kafka_topic} <span className="text-muted">{each.kafka_group_id}</span>
      </span>
    ),
  },
  { id: 'state', header: 'State', cell: (each) => <ReadingState {...each} /> },
  {
    id: 'lag',
    header: 'Behind',
    align: 'right',
    cell: ({ lag, partitions }) => (
      <span title={lagText(partitions)}>{typeof lag === 'number' ? formatCount(lag) : '-'}</span>
    ),
  },
  {
    id: 'records',
    header: 'Records, refused',
    align: 'right',
    cell: ({ records, quarantined }) =>
      records === undefined ? '-' : `${formatCount(records)}, ${formatCount(quarantined ?? 0)}`,
  },
]

function ReadingState({ state, reader, error }: Linker) {
  const shown = state === 'paused' ? 'paused' : (reader ?? state ?? '')
  return (
    <>
      <Badge tone={shown === 'failing' ? 'bad' : 'plain'}>{shown}</Badge>
      {typeof error === 'string' ? <p className="mt-1 text-xs break-words">{error}</p> : null}
    </>
  )
}

function lagText(partitions: Linker['partitions']): string {
  return (partitions ?? [])
    .map(
      ({ partition, lag }) => `partition ${String(partition)}: ${lag === null ? '-' : String(lag)}`,
    )
    .join('\n')
}
