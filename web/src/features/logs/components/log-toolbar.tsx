import { Radio, Search } from 'lucide-react'
import { type SyntheticEvent, useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { CheckField, SelectField, TextField } from '@/ui/field.tsx'

import { LOG_RANGES, type LogRange, type LogSearch } from '../api/log-search.ts'
import { LOG_SOURCES, type LogSourceName, logSource } from '../api/log-sources.ts'

export interface LogControls {
  search: LogSearch
  /** Members that are undefined go out of the address. */
  onChange: (changed: { [Name in keyof LogSearch]?: LogSearch[Name] | undefined }) => void
}

const CUSTOM = 'custom'

/** What is looked at: which log, when, which words; and whether it goes on by itself. */
export function LogToolbar({ search, onChange }: LogControls) {
  const { source = 'datasources_ops_log', range = '24h', from, to } = search
  const isCustom = from !== undefined && to !== undefined
  const chooseRange = (value: string): void => {
    if (value === CUSTOM) onChange({ range: undefined, ...lastHour() })
    else onChange({ range: value as LogRange, from: undefined, to: undefined })
  }
  return (
    <div className="flex flex-wrap items-end gap-2">
      <SelectField
        label="Log"
        options={Object.entries(LOG_SOURCES).map(([value, { label }]) => ({ value, label }))}
        value={source}
        onChange={(event) =>
          onChange({ source: event.target.value as LogSourceName, filters: undefined })
        }
      />
      <SelectField
        label="Time"
        options={[
          ...Object.entries(LOG_RANGES).map(([value, { label }]) => ({ value, label })),
          { value: CUSTOM, label: 'From … to' },
        ]}
        value={isCustom ? CUSTOM : range}
        onChange={(event) => chooseRange(event.target.value)}
      />
      {isCustom ? (
        <>
          <TextField
            label="From (UTC)"
            type="datetime-local"
            step={1}
            value={from}
            onChange={(event) => onChange({ from: event.target.value })}
          />
          <TextField
            label="To (UTC)"
            type="datetime-local"
            step={1}
            value={to}
            onChange={(event) => onChange({ to: event.target.value })}
          />
        </>
      ) : null}
      <SearchField key={search.q ?? ''} q={search.q ?? ''} onSearch={(q) => onChange({ q })} />
      {logSource(source).failed === null ? null : (
        <div className="flex h-8 items-center">
          <CheckField
            label="Only failures"
            checked={search.failed === true}
            onChange={(event) => onChange({ failed: event.target.checked || undefined })}
          />
        </div>
      )}
      <Button
        look={search.live === true ? 'primary' : 'plain'}
        aria-pressed={search.live === true}
        onClick={() => onChange({ live: search.live === true ? undefined : true })}
      >
        <Radio size={14} aria-hidden />
        Live
      </Button>
    </div>
  )
}

function SearchField({ q, onSearch }: { q: string; onSearch: (q: string | undefined) => void }) {
  const [typed, setTyped] = useState(q)
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    onSearch(typed.trim() === '' ? undefined : typed)
  }
  return (
    <form role="search" onSubmit={submit} className="flex items-end gap-1">
      <TextField
        label="Search"
        type="search"
        placeholder="Any text"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Button type="submit" aria-label="Search the log">
        <Search size={14} aria-hidden />
      </Button>
    </form>
  )
}

function lastHour(): { from: string; to: string } {
  const now = Date.now()
  const text = (ms: number): string => new Date(ms).toISOString().slice(0, 16)
  return { from: text(now - 3_600_000), to: text(now + 60_000) }
}
