import { useState } from 'react'

import type { SqlColumn } from '@/lib/api-client.ts'
import { Button } from '@/ui/button.tsx'
import { CodeBlock } from '@/ui/code-block.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { SelectField, TextField } from '@/ui/field.tsx'

import { isName } from '../edit-pipe.ts'
import type { PipeNodeText } from '../pipe-text.ts'
import { suggestTarget, targetFile, type TargetProposal, withTarget } from '../suggest-target.ts'
import { useNodeSuggestion } from '../use-node-suggestion.ts'
import { SuggestionView } from './suggestion-view.tsx'
import { TargetFields } from './target-fields.tsx'

/** The text of a new data source, when one is to be made. */
export interface NewTarget {
  name: string
  content: string
}

export interface MaterializeProps {
  /** Its name. */
  pipe: string
  nodes: readonly PipeNodeText[]
  node: PipeNodeText
  targets: readonly string[]
  /** Of the node's rows; null while they are not known. */
  columns: readonly SqlColumn[] | null
  onClose: () => void
  /** With the SQL that fits the target. */
  onDone: (done: { target: string; made: NewTarget | null; sql: string }) => void
}

const NEW = ''

/** Where the rows of a node are kept as they come in: an existing data source, or a new one with a fitting engine and keys. */
export function MaterializeDialog(props: MaterializeProps) {
  const { node, targets, columns, onClose, onDone } = props
  const [target, setTarget] = useState(node.settings['DATASOURCE'] ?? NEW)
  const [name, setName] = useState(`${node.name}_mv`)
  const [chosen, setChosen] = useState<TargetProposal | null>(null)
  const isNew = target === NEW
  const suggestion = useNodeSuggestion({ ...props, target: isNew ? null : target })
  const { datafile = null, sql = node.sql } = suggestion.data ?? {}
  const proposal = chosen ?? suggestion.data ?? suggestTarget(columns ?? [])
  const simple = columns === null ? null : targetFile(columns, proposal)
  const content = datafile === null ? simple : withTarget(datafile, proposal)
  const nameProblem = targets.includes(name) ? 'There is such a data source.' : undefined
  const isReady = !isNew || (content !== null && isName(name) && nameProblem === undefined)
  const made = isNew && content !== null ? { name, content } : null
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
            disabled={!isReady || suggestion.isLoading}
            onClick={() => onDone({ target: isNew ? name : target, made, sql })}
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
        <SuggestionView suggestion={suggestion} sql={node.sql} />
        {isNew ? (
          <>
            <TextField
              label="Its name"
              value={name}
              error={nameProblem}
              spellCheck={false}
              onChange={(event) => setName(event.target.value)}
            />
            <TargetFields proposal={proposal} onChange={setChosen} />
            {content === null ? (
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
