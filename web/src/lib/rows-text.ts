import { formatCount } from './format.ts'

/** `1 row`, `12.3K rows`. */
export function rowsText(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'row' : 'rows'}`
}
