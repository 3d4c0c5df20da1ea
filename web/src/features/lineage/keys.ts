export const lineageKeys = {
  all: (place: string) => [place, 'lineage'] as const,
  dependencies: (place: string) => [place, 'lineage', 'dependencies'] as const,
  rates: (place: string) => [place, 'lineage', 'rates'] as const,
  tiles: (place: string) => [place, 'lineage', 'tiles'] as const,
}
