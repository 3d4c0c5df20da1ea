// Memory is bounded, and no data source is made to forget by another.
import { expect, test } from 'vitest'

import { PositionBook } from './position-book.ts'

const fill = (book: PositionBook, dataSourceId: string, count: number): void => {
  for (let partition = 0; partition < count; partition++)
    book.add({ dataSourceId, stream: 's', partition, epoch: 0, next: 1 })
}

test('a data source with more partitions than are kept forgets its own oldest ones, and none of others', () => {
  const book = new PositionBook()
  fill(book, 'small', 3)
  fill(book, 'large', 25_000)
  expect(book.size).toBe(20_003)
  expect(book.find('small', 's', 0)).not.toBeNull()
  expect(book.find('large', 's', 4_999)).toBeNull()
  expect(book.find('large', 's', 5_000)).not.toBeNull()
})

test('above 100,000 positions those of the data source with most of them go', () => {
  const book = new PositionBook()
  fill(book, 'small', 3)
  for (let index = 0; index < 10; index++) fill(book, `large ${String(index)}`, 15_000)
  expect(book.size).toBe(100_000)
  expect(book.all()).toHaveLength(100_000)
  for (const partition of [0, 1, 2]) expect(book.find('small', 's', partition)).not.toBeNull()
})

test('a position that moves is counted once', () => {
  const book = new PositionBook()
  fill(book, 'one', 2)
  fill(book, 'one', 2)
  expect(book.size).toBe(2)
})
