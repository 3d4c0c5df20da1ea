import { formatCount } from '@/lib/format.ts'
import { CodeBlock } from '@/ui/code-block.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { SimpleTable } from '@/ui/simple-table.tsx'

import { type NodePlan, useNodePlan } from '../api/explain-node.ts'
import type { NodeRun } from '../api/run-node.ts'
import { planTables } from '../plan-tables.ts'

/** What the engine would do for a node: the tables it reads, and how much of each. */
export function ExplainDialog({ run, onClose }: { run: NodeRun; onClose: () => void }) {
  return (
    <Dialog
      open
      size="wide"
      title={`How ${run.node} is run`}
      description="With the parameters as they are set."
      onClose={onClose}
    >
      <QueryView query={useNodePlan(run)}>{(plan) => <Plan plan={plan} />}</QueryView>
    </Dialog>
  )
}

function Plan({ plan }: { plan: NodePlan }) {
  const tables = planTables(plan.query_explain).map((each, at) => ({ ...each, at }))
  const part = (of: { read: number; all: number } | null): string =>
    of === null ? 'not told' : `${formatCount(of.read)} of ${formatCount(of.all)}`
  return (
    <div className="flex flex-col gap-4">
      {tables.length === 0 ? (
        <p className="text-sm text-muted">It reads no table.</p>
      ) : (
        <SimpleTable
          label="Tables that are read"
          keyOf={({ at }) => String(at)}
          rows={tables}
          columns={[
            { id: 'table', header: 'Table', cell: ({ table }) => table },
            { id: 'parts', header: 'Parts', align: 'right', cell: ({ parts }) => part(parts) },
            {
              id: 'granules',
              header: 'Granules (8,192 rows each)',
              align: 'right',
              cell: ({ granules }) => part(granules),
            },
            {
              id: 'keys',
              header: 'Keys used',
              cell: ({ keys }) => (keys.length === 0 ? 'none' : keys.join(', ')),
            },
          ]}
        />
      )}
      <CodeBlock label="the plan" code={plan.query_explain} />
      <CodeBlock label="the query" code={plan.debug_query} />
    </div>
  )
}
