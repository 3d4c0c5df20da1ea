import type { Chart as ChartSettings, CheckedNodeBody } from '@sandpiper/contracts'
import { useState } from 'react'

import { useMay } from '@/lib/rights/use-may.ts'
import { CodeEditor, type Completions, type Diagnostic } from '@/ui/editor/code-editor.tsx'
import { ErrorBox, Loading } from '@/ui/states.tsx'
import { ResultView } from '@/ui/result-view.tsx'

import { useFormatSql } from '../api/format-sql.ts'
import { PREVIEW_ROWS, type NodeRun, useRunNode } from '../api/run-node.ts'
import type { PipeNodeText } from '../pipe-text.ts'
import { failureIn, type NodeFailure } from '../node-failure.ts'
import { NodeHeader, type NodeActions } from './node-header.tsx'

export interface NodeCardProps {
  node: PipeNodeText
  /** What a run of it needs. */
  run: NodeRun
  checked: CheckedNodeBody | undefined
  failure: NodeFailure | undefined
  completions: Completions
  position: { first: boolean; last: boolean; only: boolean }
  actions: NodeActions
  onSql: (sql: string) => void
  onFailure: (failure: NodeFailure | null) => void
  onSave: () => void
}

/** One node: its SQL, what is wrong with it, and its rows once it ran. */
export function NodeCard(props: NodeCardProps) {
  const { node, run, checked, failure, completions, onSql, onFailure, onSave } = props
  const [chart, setChart] = useState<ChartSettings>({ type: 'table' })
  const runNode = useRunNode()
  const format = useFormatSql()
  const start = (): void => {
    onFailure(null)
    runNode.mutate(run, { onError: (err) => onFailure(failureIn(err, node.name)) })
  }
  const tidy = (): void => format.mutate(node.sql, { onSuccess: onSql })
  const mayChange = useMay()('change the workspace')
  const diagnostics = diagnosticsOf(failure, checked)
  // A failure that belongs to another node is shown where it was asked for, with its place.
  const error = runNode.error ?? format.error
  return (
    <section
      aria-label={`Node ${node.name}`}
      className="min-w-0 rounded-lg border border-line bg-surface"
    >
      <NodeHeader
        node={node}
        position={props.position}
        actions={props.actions}
        isRunning={runNode.isPending}
        onRun={start}
        onFormat={tidy}
      />
      <div className="flex flex-col gap-3 p-3">
        <CodeEditor
          label={`SQL of node ${node.name}`}
          value={node.sql}
          onChange={onSql}
          diagnostics={diagnostics}
          completions={completions}
          onRun={start}
          onSave={onSave}
          readOnly={!mayChange}
          minHeightPx={72}
        />
        {error === null ? <Problems problems={diagnostics} /> : <ErrorBox error={error} />}
        {runNode.isPending ? <Loading label={`Running ${node.name}`} rows={3} /> : null}
        {runNode.data === undefined ? null : (
          <ResultView
            label={`rows of ${node.name}`}
            result={runNode.data.result}
            milliseconds={runNode.data.milliseconds}
            rowsMax={PREVIEW_ROWS}
            chart={chart}
            onChart={setChart}
          />
        )}
      </div>
    </section>
  )
}

function diagnosticsOf(
  failure: NodeFailure | undefined,
  checked: CheckedNodeBody | undefined,
): Diagnostic[] {
  if (failure !== undefined) return [{ line: failure.line, message: failure.message }]
  const problem = checked?.problem ?? null
  return problem === null ? [] : [{ line: problem.line ?? 1, message: problem.error }]
}

function Problems({ problems }: { problems: readonly Diagnostic[] }) {
  return problems.map(({ line, message }) => (
    <p key={message} className="text-xs text-bad">
      Line {line}: {message}
    </p>
  ))
}
