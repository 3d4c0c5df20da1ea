import type { BenchProduct } from './bench-product.ts'

const WITHIN_MS = 300_000

/** Resolves when everything acknowledged so far is in the tables: an event posted now, with wait=true, stands behind all of it. */
export async function untilLoaded(product: BenchProduct, line = '{}'): Promise<void> {
  const until = performance.now() + WITHIN_MS
  while (performance.now() < until) {
    const answer = await fetch(`${product.url}/v0/events?name=events&wait=true`, {
      method: 'POST',
      headers: { authorization: `Bearer ${product.token}` },
      body: line,
    })
    await answer.text()
    if (answer.status === 200) return
  }
  throw new Error('what was acknowledged is still not in the tables')
}
