/** Keys of what the live deployment holds. `all` goes stale with every promotion. */
export const catalogKeys = {
  all: (place: string) => [place, 'catalog'] as const,
  dataSources: (place: string) => [place, 'catalog', 'data-sources'] as const,
  pipes: (place: string) => [place, 'catalog', 'pipes'] as const,
}

export const jobKeys = {
  all: (place: string) => [place, 'jobs'] as const,
  list: (place: string) => [place, 'jobs', 'list'] as const,
  one: (place: string, id: string) => [place, 'jobs', 'one', id] as const,
}

/** Key of the tokens of a workspace. */
export const tokenKeys = { list: (place: string) => [place, 'tokens'] as const }

/** Keys of what people made in the console: no promotion changes it. */
export const documentKeys = {
  dashboards: (place: string) => [place, 'dashboards', 'list'] as const,
  savedQueries: (place: string) => [place, 'saved-queries', 'list'] as const,
}
