/** Keys of what the live deployment holds. `all` goes stale with every promotion. */
export const catalogKeys = {
  all: (place: string) => [place, 'catalog'] as const,
  dataSources: (place: string) => [place, 'catalog', 'data-sources'] as const,
  pipes: (place: string) => [place, 'catalog', 'pipes'] as const,
}

/** Keys of what people made in the console: no promotion changes it. */
export const documentKeys = {
  dashboards: (place: string) => [place, 'dashboards', 'list'] as const,
  savedQueries: (place: string) => [place, 'saved-queries', 'list'] as const,
}
