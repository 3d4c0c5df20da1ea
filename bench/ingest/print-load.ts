import type { BenchProduct } from './bench-product.ts'
import type { LoadResult } from './generate-load.ts'

/** Prints one line of figures; says so when an answer was not a 2xx. */
export function printLoad(what: string, result: LoadResult, rowsPerRequest: number): void {
  const { requestsPerSecond, bytesPerSecond, p50, p99, max } = result
  console.log(
    `${what}: ${requestsPerSecond.toFixed(0)} requests/s, ${(requestsPerSecond * rowsPerRequest).toFixed(0)} events/s, ${(bytesPerSecond / 1e6).toFixed(1)} MB/s, ack p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} max ${max.toFixed(1)} ms`,
  )
  const others = Object.entries(result.statuses).filter(([status]) => !status.startsWith('2'))
  if (others.length > 0) console.log(`  not stored: ${JSON.stringify(Object.fromEntries(others))}`)
}

/** What share of one core each part of the product, and the generator, took, and what a request cost it. */
export function printCores(
  product: BenchProduct,
  before: Readonly<Record<string, number>>,
  result: LoadResult,
): void {
  const requests = result.requestsPerSecond * result.seconds
  const used = Object.entries(product.cpu()).map(([part, seconds]): [string, number] => [
    part,
    seconds - (before[part] ?? 0),
  ])
  const parts = [...used, ['generator', result.cpuSeconds] as const].map(
    ([part, seconds]) =>
      `${part} ${((seconds / result.seconds) * 100).toFixed(0)}% (${((seconds * 1e6) / requests).toFixed(0)} us a request)`,
  )
  console.log(`  of a core: ${parts.join(', ')}`)
}
