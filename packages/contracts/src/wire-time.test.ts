import { expect, test } from 'vitest'

import { wireTime, wireTimeSchema } from './wire-time.ts'

test('a time is written with a space, six digits and no zone', () => {
  expect(wireTime('2026-11-21T12:00:00.123Z')).toBe('2026-11-21 12:00:00.123000')
  expect(wireTime('2026-11-21T12:00:00Z')).toBe('2026-11-21 12:00:00.000000')
  expect(wireTime('2026-11-21T12:00:00.123456789Z')).toBe('2026-11-21 12:00:00.123456')
  expect(wireTimeSchema.safeParse(wireTime(new Date(0).toISOString())).success).toBe(true)
})

test.each(['', '2026-11-21', '2026-11-21T12:00:00.123+01:00', '2026-11-21 12:00:00'])(
  '%j is no such time',
  (text) => {
    expect(() => wireTime(text)).toThrow(TypeError)
  },
)
