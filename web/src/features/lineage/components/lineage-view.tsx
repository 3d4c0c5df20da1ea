import { useDeferredValue, useMemo } from 'react'

import { usePipes } from '@/lib/catalog/get-pipes.ts'
import { isForbidden } from '@/lib/api-error.ts'
import { Button } from '@/ui/button.tsx'
import { SelectField, TextField } from '@/ui/field.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { Empty } from '@/ui/states.tsx'

import { useDashboardPipes } from '../api/get-dashboard-pipes.ts'
import { useDependencies } from '../api/get-dependencies.ts'
import { useRates } from '../api/get-rates.ts'
import { around, KINDS, lineageGraph, type LineageGraph } from '../lineage-graph.ts'
import { LineagePicture } from './lineage-picture.tsx'
import { LineageTable } from './lineage-table.tsx'

interface LineageChoice {
  search: string
  /** Id of the node whose neighbours are shown; empty for all. */
  focus: string
  view: 'graph' | 'table'
}

export interface LineageViewProps {
  choice: LineageChoice
  onChange: (choice: LineageChoice) => void
}

export function LineageView({ choice, onChange }: LineageViewProps) {
  const dependencies = useDependencies()
  const pipes = usePipes()
  const dashboards = useDashboardPipes()
  const rates = useRates()
  const graph = useMemo(
    () =>
      dependencies.data === undefined || pipes.data === undefined
        ? undefined
        : lineageGraph({
            dependencies: dependencies.data,
            pipes: pipes.data,
            dashboards: dashboards.data ?? [],
            rates: rates.data,
          }),
    [dependencies.data, pipes.data, dashboards.data, rates.data],
  )
  return (
    <>
      <Choices choice={choice} graph={graph} onChange={onChange} />
      {isForbidden(rates.error) ? (
        <p className="text-sm text-muted">
          Your token may not read the service data sources, so the figures are left out.
        </p>
      ) : null}
      <QueryView query={dependencies}>
        {() => (
          <QueryView query={pipes}>
            {() => (graph === undefined ? null : <Shown graph={graph} choice={choice} />)}
          </QueryView>
        )}
      </QueryView>
    </>
  )
}

function Choices({
  choice,
  graph,
  onChange,
}: LineageViewProps & { graph: LineageGraph | undefined }) {
  const nodes = [...(graph?.nodes ?? [])].sort((a, b) => a.name.localeCompare(b.name))
  return (
    <div className="flex flex-wrap items-end gap-3">
      <div className="w-56 max-w-full">
        <TextField
          label="Find"
          type="search"
          value={choice.search}
          onChange={(event) => onChange({ ...choice, search: event.target.value })}
        />
      </div>
      <div className="w-64 max-w-full">
        <SelectField
          label="Only around"
          value={choice.focus}
          options={[
            { value: '', label: 'everything' },
            ...nodes.map(({ id, kind, name }) => ({
              value: id,
              label: `${name} (${KINDS[kind].toLowerCase()})`,
            })),
          ]}
          onChange={(event) => onChange({ ...choice, focus: event.target.value })}
        />
      </div>
      <Button
        onClick={() => onChange({ ...choice, view: choice.view === 'graph' ? 'table' : 'graph' })}
      >
        {choice.view === 'graph' ? 'Show as a table' : 'Show as a graph'}
      </Button>
    </div>
  )
}

function Shown({ graph, choice }: { graph: LineageGraph; choice: LineageChoice }) {
  const search = useDeferredValue(choice.search.trim().toLowerCase())
  const near = useMemo(
    () => (choice.focus === '' ? graph : around(graph, choice.focus)),
    [graph, choice.focus],
  )
  if (graph.nodes.length === 0)
    return (
      <Empty title="Nothing is deployed yet">
        Create a{' '}
        <PlaceLink to="data-sources" className="text-accent underline">
          data source
        </PlaceLink>
        , then a{' '}
        <PlaceLink to="pipes" className="text-accent underline">
          pipe
        </PlaceLink>{' '}
        that reads it.
      </Empty>
    )
  if (near.nodes.length === 0) return <Empty title="There is nothing of that name any more" />
  return choice.view === 'graph' ? (
    <LineagePicture graph={near} search={search} focus={choice.focus} />
  ) : (
    <LineageTable graph={near} search={search} />
  )
}
