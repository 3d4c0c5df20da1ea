import { catalogKeys } from '@/lib/catalog/keys.ts'

export const pipeKeys = {
  check: (place: string, token: string, about: string) =>
    [place, 'pipes', 'check', token, about] as const,
  functions: (place: string) => [place, 'pipes', 'functions'] as const,
  /** Goes stale with every promotion. */
  versions: (place: string, file: string) => [...catalogKeys.all(place), 'versions', file] as const,
  suggestion: (place: string, node: string) =>
    [...catalogKeys.all(place), 'materialization', node] as const,
}
