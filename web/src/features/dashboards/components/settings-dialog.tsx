import type { Dashboard } from '@sandpiper/contracts'
import { useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { SelectField, TextField } from '@/ui/field.tsx'

import { LAST_RANGES } from '../time-range.ts'
import { ParameterFields } from './parameter-fields.tsx'

type Settings = Pick<
  Dashboard,
  'name' | 'description' | 'parameters' | 'time_range' | 'time_parameters' | 'refresh_seconds'
>

const REFRESHES = [
  { value: '', label: 'by hand only' },
  { value: '5', label: 'every 5 s' },
  { value: '15', label: 'every 15 s' },
  { value: '60', label: 'every minute' },
  { value: '300', label: 'every 5 minutes' },
  { value: '3600', label: 'every hour' },
]

export interface SettingsDialogProps {
  dashboard: Dashboard
  onClose: () => void
  onKeep: (settings: Settings) => void
}

export function SettingsDialog({ dashboard, onClose, onKeep }: SettingsDialogProps) {
  const { name, description, parameters, time_range, time_parameters, refresh_seconds } = dashboard
  const [draft, setDraft] = useState<Settings>({
    ...{ name, parameters, time_range, time_parameters, refresh_seconds },
    ...(description === undefined ? {} : { description }),
  })
  const change = (changed: Partial<Settings>): void => setDraft({ ...draft, ...changed })
  const { from, to } = draft.time_parameters
  return (
    <Dialog
      open
      onClose={onClose}
      size="wide"
      title="The dashboard"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            disabled={draft.name.trim() === '' || from === '' || to === ''}
            onClick={() => onKeep(draft)}
          >
            Keep in the draft
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField
            label="Name"
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
          />
          <TextField
            label="Description"
            value={draft.description ?? ''}
            onChange={(event) => change({ description: event.target.value })}
          />
          <SelectField
            label="Time range at first"
            value={'last' in draft.time_range ? draft.time_range.last : ''}
            options={[
              ...('last' in draft.time_range ? [] : [{ value: '', label: 'two fixed times' }]),
              ...LAST_RANGES,
            ]}
            onChange={(event) => change({ time_range: { last: event.target.value } })}
          />
          <RefreshField
            seconds={draft.refresh_seconds}
            onChange={(seconds) => change({ refresh_seconds: seconds })}
          />
          <TextField
            label="Parameter that takes the start"
            value={from}
            onChange={(event) => change({ time_parameters: { from: event.target.value, to } })}
          />
          <TextField
            label="Parameter that takes the end"
            value={to}
            onChange={(event) => change({ time_parameters: { from, to: event.target.value } })}
          />
        </div>
        <ParameterFields
          parameters={draft.parameters}
          onChange={(changed) => change({ parameters: [...changed] })}
        />
      </div>
    </Dialog>
  )
}

function RefreshField({
  seconds,
  onChange,
}: {
  seconds: number | null
  onChange: (seconds: number | null) => void
}) {
  const value = seconds === null ? '' : String(seconds)
  const known = REFRESHES.some((each) => each.value === value)
  return (
    <SelectField
      label="Refreshed"
      value={value}
      options={[...REFRESHES, ...(known ? [] : [{ value, label: `every ${value} s` }])]}
      onChange={(event) => onChange(event.target.value === '' ? null : Number(event.target.value))}
    />
  )
}
