import { bind, type CallArguments } from './arguments.ts'
import { order } from './compare.ts'
import type { Runtime } from './interpreter.ts'
import { truthy, type Value } from './values.ts'

/**
 * Sorts a copy, stable, as list.sort() and sorted() do: by `key` when it is given, from the end with `reverse`.
 * @throws TypeError for values without an order.
 */
export function sortValues(
  items: readonly Value[],
  call: CallArguments,
  { budget, apply }: Runtime,
): Value[] {
  const [key = null, reverse = false] = bind(call, 'sort', ['key', 'reverse'])
  budget.spend(items.length)
  const keyed = items.map((item) => ({ item, by: key === null ? item : apply(key, [item]) }))
  const isReversed = truthy(reverse)
  const sorted = keyed.sort((one, other) =>
    isReversed ? order(other.by, one.by, budget) : order(one.by, other.by, budget),
  )
  return sorted.map(({ item }) => item)
}
