import { ArrowDown, ArrowUp } from 'lucide-react'

/** A column's name that sorts by it; again turns the order around. */
export function SortHeader({
  label,
  sorted,
  onSort,
}: {
  label: string
  sorted: 'up' | 'down' | undefined
  onSort: () => void
}) {
  const Arrow = sorted === 'down' ? ArrowDown : ArrowUp
  return (
    <button
      type="button"
      onClick={onSort}
      aria-label={`Sort by ${label}${sorted === undefined ? '' : `, now ${sorted}`}`}
      className="inline-flex items-center gap-1 font-medium hover:text-ink"
    >
      {label}
      {sorted === undefined ? null : <Arrow size={12} aria-hidden />}
    </button>
  )
}
