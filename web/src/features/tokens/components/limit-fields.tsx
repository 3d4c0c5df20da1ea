import { TextField } from '@/ui/field.tsx'

interface LimitFieldsProps {
  /** By the name of the limit; empty: none. */
  limits: Readonly<Record<string, string>>
  onChange: (limits: Record<string, string>) => void
}

/** Limits of queries, as docs/specs/tokens.md has them. */
const OF_QUERIES = [
  { name: 'max_execution_time', label: 'Seconds a query may take' },
  { name: 'max_memory_usage', label: 'Bytes of memory a query may take' },
  { name: 'max_rows_to_read', label: 'Rows a query may read' },
  { name: 'max_bytes_to_read', label: 'Bytes a query may read' },
  { name: 'max_result_bytes', label: 'Bytes an answer may have' },
] as const

/** What a token may take; empty for as much as its workspace may. */
export function LimitFields({ limits, onChange }: LimitFieldsProps) {
  const field = (name: string, label: string, hint?: string) => (
    <TextField
      key={name}
      label={label}
      type="number"
      min={1}
      value={limits[name] ?? ''}
      onChange={({ target }) => onChange({ ...limits, [name]: target.value })}
      hint={hint}
    />
  )
  return (
    <>
      {field(
        'rps',
        'Requests per second',
        'More than that are refused with 429. Empty: as many as the workspace may.',
      )}
      <details open={OF_QUERIES.some(({ name }) => (limits[name] ?? '') !== '')}>
        <summary className="cursor-pointer text-sm">Limits of its queries</summary>
        <div className="mt-2 grid gap-3 sm:grid-cols-2">
          {OF_QUERIES.map(({ name, label }) => field(name, label))}
        </div>
      </details>
    </>
  )
}
