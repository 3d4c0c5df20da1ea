import { useVirtualizer } from '@tanstack/react-virtual'
import clsx from 'clsx'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { type HTMLAttributes, useRef } from 'react'

import type { SqlColumn } from '@/lib/api-client.ts'

import { cellText, isNumeric, isTime } from './cell-text.ts'

const ROW_PX = 28

interface SortBy {
  column: string
  descending: boolean
}

export interface ResultGridProps {
  label: string
  columns: readonly SqlColumn[]
  rows: readonly Readonly<Record<string, unknown>>[]
  /** How many there are in all when more can be loaded. */
  rowCount?: number
  /** Called when the last loaded row comes near. */
  onNearEnd?: () => void
  sort?: SortBy | undefined
  onSort?: (sort: SortBy) => void
  onRow?: (row: Readonly<Record<string, unknown>>) => void
  /** Height of the scrolling part. */
  heightPx?: number
}

/** Rows of a result. Only those in sight are in the document, so that 100,000 scroll as ten do; values are text and nothing else. */
export function ResultGrid(props: ResultGridProps) {
  const { label, columns, rows, rowCount = rows.length, onNearEnd, heightPx = 420 } = props
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    onChange: (instance) => {
      const last = instance.getVirtualItems().at(-1)
      if (last !== undefined && last.index >= rows.length - 20) onNearEnd?.()
    },
  })
  // One row is a stop of the Tab key; arrows go on from there.
  const first = virtual.range?.startIndex ?? 0
  const widths = columns.map(({ name, type }) => widthOf(name, type))
  const template = widths.map(({ ch, share }) => `minmax(${ch}ch, ${share}fr)`).join(' ')
  // One width for head and rows: each is a grid of its own, and shares of different widths would not line up.
  const width = `max(100%, ${widths.reduce((sum, { ch }) => sum + ch, 0)}ch)`
  return (
    <div
      ref={scroller}
      tabIndex={0}
      role="table"
      aria-label={label}
      aria-rowcount={rowCount + 1}
      aria-colcount={columns.length}
      className="overflow-auto rounded-md border border-line bg-surface font-mono text-xs"
      style={{ maxHeight: heightPx }}
    >
      <div role="rowgroup" className="sticky top-0 z-10 bg-raised" style={{ width }}>
        <div
          role="row"
          aria-rowindex={1}
          className="grid"
          style={{ gridTemplateColumns: template }}
        >
          {columns.map((column) => (
            <HeaderCell key={column.name} column={column} sort={props.sort} onSort={props.onSort} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize(), width }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <GridRow
            key={index}
            at={index}
            topPx={start}
            template={template}
            columns={columns}
            row={rows[index] ?? {}}
            isFirst={index === first}
            onRow={props.onRow}
          />
        ))}
      </div>
    </div>
  )
}

function HeaderCell({
  column: { name, type },
  sort,
  onSort,
}: {
  column: SqlColumn
  sort: SortBy | undefined
  onSort: ((sort: SortBy) => void) | undefined
}) {
  const sorted = sort?.column === name ? sort : undefined
  const Arrow = sorted?.descending === true ? ArrowDown : ArrowUp
  const shown = (
    <>
      <span className="max-w-[80%] shrink-0 truncate font-semibold">{name}</span>
      {sorted === undefined ? null : <Arrow size={12} aria-hidden className="shrink-0" />}
      <span className="ml-auto min-w-0 truncate pl-2 font-normal text-muted">{type}</span>
    </>
  )
  const look = 'flex w-full min-w-0 items-center gap-1 px-2 py-1.5 text-left'
  return (
    <div
      role="columnheader"
      title={`${name} ${type}`}
      aria-sort={sorted === undefined ? undefined : sorted.descending ? 'descending' : 'ascending'}
      className="border-r border-b border-line last:border-r-0"
    >
      {onSort === undefined ? (
        <div className={look}>{shown}</div>
      ) : (
        <button
          type="button"
          className={look}
          onClick={() =>
            onSort({ column: name, descending: sorted !== undefined && !sorted.descending })
          }
        >
          {shown}
        </button>
      )}
    </div>
  )
}

function GridRow(props: {
  at: number
  topPx: number
  template: string
  columns: readonly SqlColumn[]
  row: Readonly<Record<string, unknown>>
  isFirst: boolean
  onRow: ((row: Readonly<Record<string, unknown>>) => void) | undefined
}) {
  const { at, topPx, template, columns, row, isFirst, onRow } = props
  return (
    <div
      role="row"
      aria-rowindex={at + 2}
      className={clsx(
        'absolute top-0 left-0 grid w-full border-b border-line/60 hover:bg-raised/60',
        onRow !== undefined && 'cursor-pointer',
      )}
      style={{ transform: `translateY(${topPx}px)`, height: ROW_PX, gridTemplateColumns: template }}
      {...(onRow === undefined ? {} : rowActions(() => onRow(row), isFirst))}
    >
      {columns.map(({ name, type }, place) => {
        const text = cellText(row[name])
        return (
          <div
            key={name}
            role="cell"
            title={text}
            className={clsx(
              'truncate px-2 py-1.5',
              isNumeric(type) && 'text-right tabular-nums',
              row[name] === null && 'text-muted italic',
            )}
          >
            {place === 0 && onRow !== undefined ? <RowButton text={text} /> : text}
          </div>
        )
      })}
    </div>
  )
}

/** Opens its row by keyboard; the press itself is the row's. */
function RowButton({ text }: { text: string }) {
  return (
    <button type="button" aria-label={`Open ${text}`} className="max-w-full truncate">
      {text}
    </button>
  )
}

/** A row that opens: by a click, by Enter, and reached by the arrows. */
function rowActions(open: () => void, isFirst: boolean): HTMLAttributes<HTMLDivElement> {
  return {
    tabIndex: isFirst ? 0 : -1,
    onClick: open,
    onKeyDown: (event) => {
      const { key, currentTarget } = event
      const sibling =
        key === 'ArrowDown'
          ? currentTarget.nextElementSibling
          : currentTarget.previousElementSibling
      if (key === 'Enter') open()
      else if ((key === 'ArrowDown' || key === 'ArrowUp') && sibling instanceof HTMLElement)
        sibling.focus()
      else return
      event.preventDefault()
    },
  }
}

function widthOf(name: string, type: string): { ch: number; share: number } {
  const longest = Math.min(40, Math.max(name.length + Math.min(type.length, 18) + 3, 12))
  // A whole time with its fraction, and the cell's padding.
  if (isTime(type)) return { ch: Math.max(longest, 26), share: 1 }
  return isNumeric(type) ? { ch: longest, share: 1 } : { ch: Math.max(longest, 20), share: 2 }
}
