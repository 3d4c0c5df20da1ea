import { useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { SelectField, TextField } from '@/ui/field.tsx'

import type { PipeNodeText } from '../pipe-text.ts'

/** What a copy node says beside its SQL. */
export function CopyDialog({
  node,
  targets,
  onClose,
  onDone,
}: {
  node: PipeNodeText
  /** Data sources that exist or are drafted. */
  targets: readonly string[]
  onClose: () => void
  onDone: (settings: Readonly<Record<string, string>>) => void
}) {
  const { settings } = node
  const [target, setTarget] = useState(settings['TARGET_DATASOURCE'] ?? targets[0] ?? '')
  const [schedule, setSchedule] = useState(settings['COPY_SCHEDULE'] ?? '@on-demand')
  const [mode, setMode] = useState(settings['COPY_MODE'] ?? 'append')
  return (
    <Dialog
      open
      title={`Copy the rows of ${node.name}`}
      description="Each run of the copy writes the rows of this node into a data source."
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            disabled={target === '' || schedule.trim() === ''}
            onClick={() =>
              onDone({
                TARGET_DATASOURCE: target,
                COPY_SCHEDULE: schedule.trim(),
                ...(mode === 'append' ? {} : { COPY_MODE: mode }),
              })
            }
          >
            Make it a copy
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <SelectField
          label="Into"
          hint={targets.length === 0 ? 'Make a data source first.' : 'Its columns must fit.'}
          value={target}
          options={targets.map((name) => ({ value: name, label: name }))}
          onChange={(event) => setTarget(event.target.value)}
        />
        <TextField
          label="Schedule"
          hint="Cron in UTC, such as 0 * * * * for every hour; @on-demand for none."
          value={schedule}
          spellCheck={false}
          onChange={(event) => setSchedule(event.target.value)}
        />
        <SelectField
          label="Rows that are there"
          value={mode}
          options={[
            { value: 'append', label: 'stay: new ones are added' },
            { value: 'replace', label: 'are replaced by each run' },
          ]}
          onChange={(event) => setMode(event.target.value)}
        />
      </div>
    </Dialog>
  )
}
