import { Plus } from 'lucide-react'
import { useMemo, useState } from 'react'

import { useDataSources } from '@/lib/catalog/get-data-sources.ts'
import { usePipes } from '@/lib/catalog/get-pipes.ts'
import type { ParamValues } from '@/lib/endpoints/call-endpoint.ts'
import { IfMay } from '@/lib/rights/if-may.tsx'
import { useQuiet } from '@/lib/use-quiet.ts'
import { Button } from '@/ui/button.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { useNodeCheck } from '../api/check-nodes.ts'
import { useFunctions } from '../api/get-functions.ts'
import { completionsOf } from '../completions.ts'
import { addNode, changeNode } from '../edit-pipe.ts'
import type { NodeFailure } from '../node-failure.ts'
import type { PipeText } from '../pipe-text.ts'
import { NodeCard } from './node-card.tsx'
import { NodeDialogs, type OpenDialog } from './node-dialogs.tsx'
import type { NewTarget } from './materialize-dialog.tsx'
import { nodeActions } from '../node-actions.ts'
import { ParametersCard } from './parameters-card.tsx'

export interface NotebookProps {
  name: string
  pipe: PipeText
  params: ParamValues
  /** Data sources that exist only as drafts. */
  draftedTargets: readonly string[]
  onChange: (pipe: PipeText) => void
  onParams: (params: ParamValues) => void
  onSave: () => void
  /** A data source that a materialization needs. */
  onNewTarget: (target: NewTarget) => void
}

/** The nodes of a pipe below each other, with the parameters that they run with. */
export function Notebook(props: NotebookProps) {
  const {
    name: pipeName,
    pipe,
    params,
    draftedTargets,
    onChange,
    onParams,
    onSave,
    onNewTarget,
  } = props
  const [failure, setFailure] = useState<NodeFailure | null>(null)
  const [dialog, setDialog] = useState<OpenDialog | null>(null)
  const { nodes } = pipe
  const quiet = useQuiet(useMemo(() => ({ nodes, params }), [nodes, params]))
  const check = useNodeCheck(quiet)
  const dataSources = useDataSources()
  const pipes = usePipes()
  const functions = useFunctions()
  const completions = useMemo(
    () =>
      completionsOf(
        {
          dataSources: dataSources.data ?? [],
          pipes: pipes.data ?? [],
          functions: functions.data ?? [],
          check: check.data,
        },
        nodes,
      ),
    [dataSources.data, pipes.data, functions.data, check.data, nodes],
  )
  const change = (next: PipeText): void => {
    setFailure(null)
    onChange(next)
  }
  const isCurrent = quiet.nodes === nodes && !check.isPlaceholderData
  const targets = [...(dataSources.data ?? []).map(({ name }) => name), ...draftedTargets]
  return (
    <div className="grid min-w-0 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="flex min-w-0 flex-col gap-4">
        {nodes.map((node, at) => (
          <NodeCard
            key={at}
            node={node}
            run={{ nodes, node: node.name, params }}
            checked={
              isCurrent ? check.data?.nodes.find(({ name }) => name === node.name) : undefined
            }
            failure={failure?.node === node.name ? failure : undefined}
            completions={completions}
            position={{ first: at === 0, last: at === nodes.length - 1, only: nodes.length === 1 }}
            actions={nodeActions(pipe, node.name, { change, open: setDialog })}
            onSql={(sql) => change(changeNode(pipe, node.name, { sql }))}
            onFailure={setFailure}
            onSave={onSave}
          />
        ))}
        <IfMay act="change the workspace">
          <div>
            <Button onClick={() => change(addNode(pipe))}>
              <Plus size={14} aria-hidden />
              Add a node
            </Button>
          </div>
        </IfMay>
      </div>
      <aside className="flex min-w-0 flex-col gap-3 xl:sticky xl:top-4">
        {check.isError ? <ErrorBox error={check.error} /> : null}
        <ParametersCard
          parameters={check.data?.parameters ?? []}
          values={params}
          onChange={onParams}
        />
      </aside>
      <NodeDialogs
        dialog={dialog}
        name={pipeName}
        pipe={pipe}
        params={params}
        targets={[...new Set(targets)]}
        columnsOf={(name) => check.data?.nodes.find((each) => each.name === name)?.columns ?? null}
        onChange={change}
        onNewTarget={onNewTarget}
        onClose={() => setDialog(null)}
      />
    </div>
  )
}
