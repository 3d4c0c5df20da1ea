const WIDTH = 120
const HEIGHT = 28

/** The shape of the last while, beside the number that says how much: decoration, so it is hidden from those who cannot see it. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden
      className="h-7 w-full text-accent"
    >
      <path d={areaOf(values)} fill="currentColor" fillOpacity={0.12} />
      <path
        d={lineOf(values)}
        fill="none"
        stroke="currentColor"
        strokeWidth={1.5}
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
}

/** Path of the line; what is null counts as nothing. */
function lineOf(values: readonly (number | null)[]): string {
  const points = pointsOf(values)
  return points.length === 0 ? '' : `M${points.join('L')}`
}

function areaOf(values: readonly (number | null)[]): string {
  const line = lineOf(values)
  return line === '' ? '' : `${line}L${WIDTH},${HEIGHT}L0,${HEIGHT}Z`
}

function pointsOf(values: readonly (number | null)[]): string[] {
  const most = Math.max(...values.map((value) => value ?? 0), 0)
  const step = WIDTH / Math.max(1, values.length - 1)
  return values.map((value, at) => {
    const y = HEIGHT - 1 - (most === 0 ? 0 : ((value ?? 0) / most) * (HEIGHT - 3))
    return `${(at * step).toFixed(1)},${y.toFixed(1)}`
  })
}
