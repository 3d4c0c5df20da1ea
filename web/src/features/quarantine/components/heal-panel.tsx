import type { HealRequest, QuarantineCause } from '@sandpiper/contracts'
import { useState } from 'react'

import { formatCount } from '@/lib/format.ts'
import { Button } from '@/ui/button.tsx'
import { Card } from '@/ui/page.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { usePreviewHealing } from '../api/preview-healing.ts'
import { useReplay } from '../api/replay.ts'
import { mappingOf, newRule, type RuleDraft } from '../mapping-draft.ts'
import { PreviewView } from './preview-view.tsx'
import { ReplayProgress } from './replay-progress.tsx'
import { RuleFields } from './rule-fields.tsx'

export interface HealPanelProps {
  name: string
  columns: readonly string[]
  /** Only rows with this cause; undefined: all. */
  cause: QuarantineCause | undefined
  onClose: () => void
}

/** Change how rows are read, see how many that recovers, bring them in. */
export function HealPanel({ name, columns, cause, onClose }: HealPanelProps) {
  const column = cause !== undefined && columns.includes(cause.column) ? cause.column : undefined
  const [rules, setRules] = useState<RuleDraft[]>(column === undefined ? [] : [newRule(0, column)])
  const preview = usePreviewHealing(name)
  const replay = useReplay(name)
  const request: HealRequest = {
    ...(cause === undefined ? {} : { causes: [cause.id] }),
    ...(rules.length === 0 ? {} : { mapping: mappingOf(rules) }),
  }
  // What was previewed is what is replayed: a change of the rules asks for a new look.
  const isFresh = JSON.stringify(preview.variables) === JSON.stringify(request)
  const seen = isFresh ? preview.data : undefined
  return (
    <Card
      title={cause === undefined ? 'Recover all rows' : `Recover rows refused at ${cause.column}`}
      actions={<Button onClick={onClose}>Close</Button>}
    >
      {replay.data !== undefined ? (
        <ReplayProgress name={name} jobId={replay.data.id} />
      ) : (
        <div className="flex flex-col gap-3">
          <p className="text-sm text-muted">
            Rows are read again by the schema as it is now. If the schema is at fault, change it and
            come back; if the sender is, say here how to read a column.
          </p>
          <RuleFields columns={columns} rules={rules} onChange={setRules} />
          <div className="flex flex-wrap gap-2">
            <Button
              look={seen === undefined ? 'primary' : 'plain'}
              busy={preview.isPending}
              onClick={() => preview.mutate(request)}
            >
              Preview
            </Button>
            <Button
              look="primary"
              busy={replay.isPending}
              disabled={seen === undefined || seen.recovered === 0}
              onClick={() => replay.mutate(request)}
            >
              {seen === undefined
                ? 'Replay'
                : `Replay ${formatCount(seen.recovered)} ${seen.recovered === 1 ? 'row' : 'rows'}`}
            </Button>
          </div>
          {preview.isError ? <ErrorBox error={preview.error} /> : null}
          {replay.isError ? <ErrorBox error={replay.error} /> : null}
          {seen === undefined ? null : <PreviewView preview={seen} />}
        </div>
      )}
    </Card>
  )
}
