import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

import { PRODUCT_VERSION } from './product-version.ts'

test('the version that is told is the one of package.json', () => {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  expect(PRODUCT_VERSION).toBe((JSON.parse(text) as { version: string }).version)
})
