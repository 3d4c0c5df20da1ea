// How long it takes until an event that was posted is visible to a query.
import { Pool } from 'undici'
import type { BenchProduct } from './bench-product.ts'
import { eventLine } from './bench-project.ts'

const WITHIN_MS = 60_000

export interface Probe {
  /** Milliseconds from before the post until a query saw the event. @param query tells the request target of a query that counts it. */
  run(path: string, query: (page: string) => string): Promise<number>
  close(): Promise<void>
}

/** @param lookEveryMs between two looks: short against what is measured, long enough not to be the load. */
export function createProbe({ url, token }: BenchProduct, lookEveryMs = 8): Probe {
  const pool = new Pool(url, { connections: 32 })
  const headers = { authorization: `Bearer ${token}` }
  let next = 1

  async function counted(path: string): Promise<number> {
    const { statusCode, body } = await pool.request({ path, method: 'GET', headers })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${statusCode} ${text.slice(0, 300)}`)
    const { data } = JSON.parse(text) as { data: { n: number }[] }
    return data[0]?.n ?? 0
  }

  return {
    async run(path, query) {
      const page = `/probe/${process.pid}-${next++}`
      const event = { ...(JSON.parse(eventLine(next)) as object), page }
      const body = `${JSON.stringify(event)}\n`
      const began = performance.now()
      const posted = await pool.request({ path, method: 'POST', headers, body })
      const text = await posted.body.text()
      if (posted.statusCode !== 202) throw new Error(`${posted.statusCode} ${text.slice(0, 300)}`)
      while ((await counted(query(page))) === 0) {
        if (performance.now() - began > WITHIN_MS) throw new Error('an event never became visible')
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
      }
      return performance.now() - began
    },
    close: () => pool.close(),
  }
}
