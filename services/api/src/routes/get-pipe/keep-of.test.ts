import { parseDatafile } from '@sandpiper/datafile'
import { expect, test } from 'vitest'

import { keepOf } from './keep-of.ts'

type Asked = Parameters<typeof keepOf>[0]

function seconds(cache: string | null, cacheTtlSeconds: number | null, about = {}): number | null {
  const parsed = parseDatafile(
    'x.pipe',
    `NODE n\nSQL >\n    SELECT 1\nTYPE endpoint\n${cache === null ? '' : `CACHE ${cache}\n`}`,
  )
  const asked = {
    pipe: { id: 't_1', file: parsed.file },
    compiled: { cacheTtlSeconds },
    options: { q: null, deployment: 'live' },
    ...{ fixedParams: {}, deployment: 7, ...about },
  }
  return keepOf(asked as unknown as Asked)?.ttlSeconds ?? null
}
