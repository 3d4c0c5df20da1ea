import { SelectField, TextField } from '@/ui/field.tsx'

import type { TargetProposal } from '../suggest-target.ts'

const ENGINES = [
  'MergeTree',
  'AggregatingMergeTree',
  'SummingMergeTree',
  'ReplacingMergeTree',
] as const

/** Engine and key of a new data source. */
export function TargetFields({
  proposal,
  onChange,
}: {
  proposal: TargetProposal
  onChange: (proposal: TargetProposal) => void
}) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <SelectField
        label="Engine"
        hint={
          proposal.engine === 'AggregatingMergeTree'
            ? 'Suggested: the node gives states of aggregates.'
            : 'For states of aggregates (sumState ...) take AggregatingMergeTree.'
        }
        value={proposal.engine}
        options={ENGINES.map((each) => ({ value: each, label: each }))}
        onChange={({ target }) => onChange({ ...proposal, engine: target.value })}
      />
      <TextField
        label="Sorting key"
        hint="Columns that queries ask by, separated with commas."
        value={proposal.sortingKey}
        spellCheck={false}
        onChange={({ target }) => onChange({ ...proposal, sortingKey: target.value })}
      />
    </div>
  )
}
