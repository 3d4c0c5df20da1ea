// Admits one batch per lane. A lane is claimed as the set of its tables, so a lane that changed shape between two batches cannot be
// claimed twice. First come, first served among those whose tables are free: that is what makes lanes fair to each other.

export interface LaneGate {
  /** Resolves with the function that frees the tables again, once none of them is claimed. */
  claim(tables: readonly string[]): Promise<() => void>
}

export function createLaneGate(): LaneGate {
  const claimed = new Set<string>()
  const waiting: { tables: readonly string[]; admit: () => void }[] = []

  const isFree = (tables: readonly string[]): boolean => tables.every((each) => !claimed.has(each))

  function admitWaiting(): void {
    // One that waits holds its tables against later comers, or a wide lane would wait for ever.
    const reserved = new Set<string>()
    for (const each of [...waiting]) {
      if (isFree(each.tables) && each.tables.every((table) => !reserved.has(table))) {
        waiting.splice(waiting.indexOf(each), 1)
        for (const table of each.tables) claimed.add(table)
        each.admit()
      } else {
        for (const table of each.tables) reserved.add(table)
      }
    }
  }

  return {
    claim: (tables) =>
      new Promise((resolve) => {
        let held = true
        const release = (): void => {
          if (!held) return
          held = false
          for (const table of tables) claimed.delete(table)
          admitWaiting()
        }
        waiting.push({
          tables,
          admit: () => {
            resolve(release)
          },
        })
        admitWaiting()
      }),
  }
}
