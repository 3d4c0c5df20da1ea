/** Calls under way at once. */
const AT_ONCE = 8

/** What each item becomes, in their order; a few at a time. */
export async function atOnce<Item, Result>(
  items: readonly Item[],
  each: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let at = 0; at < items.length; at += AT_ONCE)
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(each))))
  return results
}
