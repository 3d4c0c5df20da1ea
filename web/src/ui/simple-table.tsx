import clsx from 'clsx'
import type { ReactNode } from 'react'

export interface Column<Row> {
  id: string
  header: ReactNode
  cell: (row: Row) => ReactNode
  /** Numbers stand right. */
  align?: 'left' | 'right'
}

/** For lists of some hundred rows; results of queries go into a ResultGrid. */
export function SimpleTable<Row>({
  label,
  columns,
  rows,
  keyOf,
}: {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string
}) {
  return (
    <div className="relative overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full text-sm" aria-label={label}>
        <thead>
          <tr className="border-b border-line text-left text-xs text-muted">
            {columns.map(({ id, header, align }) => (
              <th
                key={id}
                scope="col"
                className={clsx('px-3 py-2 font-medium', align === 'right' && 'text-right')}
              >
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} className="border-b border-line last:border-0 hover:bg-raised/60">
              {columns.map(({ id, cell, align }) => (
                <td
                  key={id}
                  className={clsx(
                    'max-w-md px-3 py-2 align-top',
                    align === 'right' && 'text-right tabular-nums',
                  )}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
