// What a plan says of tables: which are read, how much of them, and by which keys.

export interface PlanTable {
  table: string
  /** Read and all there are; null where the plan does not say. */
  granules: { read: number; all: number } | null
  parts: { read: number; all: number } | null
  /** Columns by which the index leaves out rows. */
  keys: readonly string[]
}

/** @param plan text of EXPLAIN indexes = 1. The last index of a table says what is left after all of them. */
export function planTables(plan: string): PlanTable[] {
  const found: PlanTable[] = []
  let inKeys = false
  for (const line of plan.split('\n').map((each) => each.replace(/^[\s│├└─]+/, '').trim())) {
    const read = /^ReadFrom\w*\s*\((.+)\)$/.exec(line)
    if (read !== null) {
      found.push({ table: read[1] ?? '', granules: null, parts: null, keys: [] })
      inKeys = false
      continue
    }
    const table = found.at(-1)
    if (table === undefined) continue
    const counted = /^(Parts|Granules): (\d+)\/(\d+)$/.exec(line)
    if (counted !== null) {
      const first = counted[1] === 'Parts' ? table.parts : table.granules
      const part = { read: Number(counted[2]), all: first?.all ?? Number(counted[3]) }
      if (counted[1] === 'Parts') table.parts = part
      else table.granules = part
    }
    if (line === 'Keys:') inKeys = true
    else if (inKeys && /^\w[\w.]*$/.test(line)) {
      if (!table.keys.includes(line)) table.keys = [...table.keys, line]
    } else inKeys = false
  }
  return found
}
