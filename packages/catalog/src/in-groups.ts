// Group commit: what is asked for while a call runs goes together in the next one.

/**
 * Wraps a function over many inputs so that it can be called with one: at most one call runs, and everything that was asked for
 * meanwhile makes the next, at most `groupMax` at a time. All of a group succeed or fail together.
 */
export function inGroups<Input>(
  run: (inputs: readonly Input[]) => Promise<void>,
  groupMax = 256,
): (input: Input) => Promise<void> {
  let waiting: { input: Input; resolve: () => void; reject: (err: unknown) => void }[] = []
  let isRunning = false

  async function runAll(): Promise<void> {
    isRunning = true
    while (waiting.length > 0) {
      const group = waiting.slice(0, groupMax)
      waiting = waiting.slice(groupMax)
      try {
        await run(group.map(({ input }) => input))
        for (const each of group) each.resolve()
      } catch (err) {
        for (const each of group) each.reject(err)
      }
    }
    isRunning = false
  }

  return (input) =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject })
      if (!isRunning) void runAll()
    })
}

/**
 * The same, each with its own answer: `run` gives one per input, in their order, an error where that one failed. What it throws fails all.
 */
export function eachInGroups<Input>(
  run: (inputs: readonly Input[]) => Promise<readonly (Error | null)[]>,
  groupMax = 256,
): (input: Input) => Promise<void> {
  const grouped = inGroups<{ readonly input: Input; failed: Error | null }>(async (slots) => {
    const answers = await run(slots.map(({ input }) => input))
    for (const [index, slot] of slots.entries()) slot.failed = answers[index] ?? null
  }, groupMax)
  return async (input) => {
    const slot: { readonly input: Input; failed: Error | null } = { input, failed: null }
    await grouped(slot)
    // The compiler does not see that the group has set it.
    const { failed } = slot as { failed: Error | null }
    if (failed !== null) throw failed
  }
}
