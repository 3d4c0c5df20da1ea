import { formatCount } from '@/lib/format.ts'

type Bin = readonly [from: number, to: number, rows: number]

const WIDTH = 100
const HEIGHT = 40

/** Bars as wide as their bins; small enough that a chart library is not worth its bytes. */
export function Histogram({
  bins,
  isTime,
  label,
}: {
  bins: readonly Bin[]
  isTime: boolean
  label: string
}) {
  const low = bins[0]?.[0] ?? 0
  const high = bins.at(-1)?.[1] ?? 1
  const span = high - low || 1
  const densities = bins.map(([from, to, rows]) => rows / (to - from || span))
  const most = Math.max(...densities)
  const text = (value: number): string =>
    isTime ? new Date(value * 1000).toISOString().slice(0, 10) : formatCount(value)
  return (
    <figure className="flex min-w-0 flex-col gap-0.5">
      <svg
        role="img"
        aria-label={`${label}, from ${text(low)} to ${text(high)}`}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-12 w-full fill-accent"
      >
        {bins.map(([from, to], at) => {
          const height = most === 0 ? 0 : ((densities[at] ?? 0) / most) * HEIGHT
          return (
            <rect
              key={from}
              x={((from - low) / span) * WIDTH}
              y={HEIGHT - height}
              width={Math.max(0.5, ((to - from) / span) * WIDTH - 0.4)}
              height={height}
            />
          )
        })}
      </svg>
      <figcaption className="flex justify-between font-mono text-xs text-muted">
        <span>{text(low)}</span>
        <span>{text(high)}</span>
      </figcaption>
    </figure>
  )
}
