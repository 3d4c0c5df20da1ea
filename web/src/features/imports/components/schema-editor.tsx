import { Trash2 } from 'lucide-react'

import { CheckField, TextField } from '@/ui/field.tsx'
import { IconButton } from '@/ui/icon-button.tsx'

import { type DraftColumn, type SchemaDraft, TYPES } from '../schema-draft.ts'

export interface SchemaEditorProps {
  draft: SchemaDraft
  onChange: (draft: SchemaDraft) => void
  /** False where values belong to columns by their position alone. */
  mayRemove: boolean
}

/** Names, types and paths of the columns, each as it was read from the file. */
export function SchemaEditor({ draft, onChange, mayRemove }: SchemaEditorProps) {
  const change = (id: number, part: Partial<DraftColumn>): void =>
    onChange({
      ...draft,
      columns: draft.columns.map((each) => (each.id === id ? { ...each, ...part } : each)),
    })
  const hasPaths = draft.columns.some(({ jsonPath }) => jsonPath !== null)
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Columns">
      <datalist id="column-types">
        {TYPES.map((type) => (
          <option key={type} value={type} />
        ))}
      </datalist>
      <div
        aria-hidden
        className="grid min-w-[44rem] grid-cols-[2fr_2fr_6rem_2fr_1fr_2rem] gap-2 px-1 pb-1 text-xs font-medium text-muted"
      >
        <span>Name</span>
        <span>Type</span>
        <span />
        <span>{hasPaths ? 'JSONPath' : 'In the file'}</span>
        <span>Default</span>
      </div>
      <ul className="flex min-w-[44rem] flex-col gap-2 p-1">
        {draft.columns.map((column, at) => (
          <li key={column.id} className="flex items-center gap-2">
            <ColumnFields column={column} hasPaths={hasPaths} at={at} onChange={change} />
            {mayRemove ? (
              <IconButton
                label={`Leave out ${column.name}`}
                onClick={() =>
                  onChange({
                    ...draft,
                    columns: draft.columns.filter(({ id }) => id !== column.id),
                  })
                }
              >
                <Trash2 size={15} />
              </IconButton>
            ) : null}
          </li>
        ))}
      </ul>
    </div>
  )
}

function ColumnFields({
  column,
  hasPaths,
  at,
  onChange,
}: {
  column: DraftColumn
  hasPaths: boolean
  at: number
  onChange: (id: number, part: Partial<DraftColumn>) => void
}) {
  const { id, name, type, nullable, jsonPath, defaultValue } = column
  const which = `of column ${at + 1}`
  const set = (part: Partial<DraftColumn>): void => onChange(id, part)
  return (
    <div className="grid flex-1 grid-cols-[2fr_2fr_6rem_2fr_1fr] items-center gap-2">
      <TextField
        label={`Name ${which}`}
        hideLabel
        value={name}
        onChange={({ target }) => set({ name: target.value })}
      />
      <TextField
        label={`Type ${which}`}
        hideLabel
        list="column-types"
        className="font-mono"
        value={type}
        onChange={({ target }) => set({ type: target.value })}
      />
      <CheckField
        label="Nullable"
        aria-label={`Nullable ${which}`}
        checked={nullable}
        onChange={({ target }) => set({ nullable: target.checked })}
      />
      {hasPaths ? (
        <TextField
          label={`JSONPath ${which}`}
          hideLabel
          className="font-mono"
          value={jsonPath ?? ''}
          onChange={({ target }) => set({ jsonPath: target.value })}
        />
      ) : (
        <span className="truncate text-xs text-muted" title={column.path}>
          {column.path}
        </span>
      )}
      <TextField
        label={`Default ${which}`}
        hideLabel
        placeholder="none"
        className="font-mono"
        value={defaultValue}
        onChange={({ target }) => set({ defaultValue: target.value })}
      />
    </div>
  )
}
