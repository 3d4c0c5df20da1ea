import { useState } from 'react'

import type { SqlColumn } from '@/lib/api-client.ts'
import { Button } from '@/ui/button.tsx'
import { CodeBlock } from '@/ui/code-block.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { SelectField, TextField } from '@/ui/field.tsx'

import { isName } from '../edit-pipe.ts'
import type { PipeNodeText } from '../pipe-text.ts'
import { suggestTarget, targetFile, type TargetProposal } from '../suggest-target.ts'

const ENGINES = [
  'MergeTree',
  'AggregatingMergeTree',
  'SummingMergeTree',
  'ReplacingMergeTree',
] as const

/** The text of a new data source, when one is to be made. */
export interface NewTarget {
  name: string
  content: string
}

export interface MaterializeProps {
  node: PipeNodeText
  targets: readonly string[]
  /** Of the node's rows; null while they are not known. */
  columns: readonly SqlColumn[] | null
  onClose: () => void
  onDone: (target: string, made: NewTarget | null) => void
}

const NEW = ''

/** Where the rows of a node are kept as they come in: an existing data source, or a new one with a fitting engine and keys. */
export function MaterializeDialog({ node, targets, columns, onClose, onDone }: MaterializeProps) {
  const [target, setTarget] = useState(node.settings['DATASOURCE'] ?? NEW)
  const [name, setName] = useState(`${node.name}_mv`)
  const [proposal, setProposal] = useState<TargetProposal>(() => suggestTarget(columns ?? []))
  const isNew = target === NEW
  const nameProblem = targets.includes(name) ? 'There is such a data source.' : undefined
  const content = columns === null ? '' : targetFile(columns, proposal)
  const isReady = isNew ? columns !== null && isName(name) && nameProblem === undefined : true
  return (
    <Dialog
      open
      size="wide"
      title={`Materialize ${node.name}`}
      description="Its rows are computed once, as events come in, and kept in a data source."
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            disabled={!isReady}
            onClick={() => onDone(isNew ? name : target, isNew ? { name, content } : null)}
          >
            Materialize
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <SelectField
          label="Into"
          value={target}
          options={[
            { value: NEW, label: 'a new data source' },
            ...targets.map((each) => ({ value: each, label: each })),
          ]}
          onChange={(event) => setTarget(event.target.value)}
        />
        {isNew ? (
          <>
            <TextField
              label="Its name"
              value={name}
              error={nameProblem}
              spellCheck={false}
              onChange={(event) => setName(event.target.value)}
            />
            <ProposalFields proposal={proposal} onChange={setProposal} />
            {columns === null ? (
              <p className="text-sm text-bad">
                The columns of the node are not known: what is wrong with it has to be put right
                first.
              </p>
            ) : (
              <CodeBlock label="the new datafile" code={content} />
            )}
          </>
        ) : null}
      </div>
    </Dialog>
  )
}

function ProposalFields({
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
        onChange={({ target }) =>
          onChange({ ...proposal, engine: target.value as TargetProposal['engine'] })
        }
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
