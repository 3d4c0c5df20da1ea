import { SelectField, TextField } from '@/ui/field.tsx'

import { ENGINES, type SchemaDraft } from '../schema-draft.ts'

/** How the rows are kept: engine, keys and how long. */
export function EngineFields({
  draft,
  onChange,
}: {
  draft: SchemaDraft
  onChange: (draft: SchemaDraft) => void
}) {
  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
      <SelectField
        label="Engine"
        value={draft.engine}
        options={ENGINES.map((value) => ({ value, label: value }))}
        hint={ENGINE_HINTS[draft.engine]}
        onChange={({ target }) => onChange({ ...draft, engine: target.value })}
      />
      <TextField
        label="Sorting key"
        value={draft.sortingKey}
        hint="Columns that most questions filter by, such as: shop, at"
        onChange={({ target }) => onChange({ ...draft, sortingKey: target.value })}
      />
      <TextField
        label="Partition key"
        value={draft.partitionKey}
        hint="Empty for one partition, or such as: toYYYYMM(at)"
        onChange={({ target }) => onChange({ ...draft, partitionKey: target.value })}
      />
      <TextField
        label="TTL"
        value={draft.ttl}
        hint="Empty to keep rows for good, or such as: toDate(at) + INTERVAL 90 DAY"
        onChange={({ target }) => onChange({ ...draft, ttl: target.value })}
      />
    </div>
  )
}

const ENGINE_HINTS: Readonly<Record<string, string>> = {
  MergeTree: 'Keeps every row.',
  ReplacingMergeTree: 'Of rows with one sorting key the last one stays.',
  SummingMergeTree: 'Rows with one sorting key are added up.',
  AggregatingMergeTree: 'Merges states of aggregates with one sorting key.',
}
