import fc from 'fast-check'
import { expect, test } from 'vitest'
import { acceptByHalves, linesOf } from './bisect.ts'

const bad = Buffer.from('bad\n')

test('exactly the bad lines are refused, and every other is accepted once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (goods) => {
      const lines = goods.map((good, index) => (good ? Buffer.from(`${index}\n`) : bad))
      const accepted: Buffer[] = []
      const refused = await acceptByHalves(
        lines,
        (part) => {
          if (part.includes(bad)) return Promise.reject(new Error('a bad line'))
          accepted.push(...part)
          return Promise.resolve()
        },
        (err) => (err as Error).message,
      )
      expect(accepted).toEqual(lines.filter((line) => line !== bad))
      expect(refused).toEqual(
        lines.filter((line) => line === bad).map((line) => ({ line, message: 'a bad line' })),
      )
    }),
  )
})

test('an error that says nothing about lines ends it', async () => {
  const away = new Error('the engine is away')
  const accept = (): Promise<void> => Promise.reject(away)
  const rethrow = (err: unknown): string => {
    throw err
  }
  await expect(acceptByHalves([bad, bad], accept, rethrow)).rejects.toBe(away)
})

test('lines put together again are the text, with or without a last newline', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ab\n]*$/), (text) => {
      expect(Buffer.concat(linesOf(Buffer.from(text))).toString()).toBe(text)
    }),
  )
  expect(linesOf(Buffer.from('a\nb')).map(String)).toEqual(['a\n', 'b'])
})
