/** Keys of what the live deployment holds. `all` goes stale with every promotion. */
export const catalogKeys = {
  all: (place: string) => [place, 'catalog'] as const,
  dataSources: (place: string) => [place, 'catalog', 'data-sources'] as const,
  pipes: (place: string) => [place, 'catalog', 'pipes'] as const,
  resources: (place: string) => [place, 'catalog', 'resources'] as const,
}
