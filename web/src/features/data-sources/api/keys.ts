/** Keys of one data source's contents. `one` goes stale with every change of its rows. */
export const dataSourceKeys = {
  all: (place: string) => [place, 'data-sources'] as const,
  lastEvents: (place: string) => [place, 'data-sources', 'last-events'] as const,
  one: (place: string, name: string) => [place, 'data-sources', 'one', name] as const,
  part: (place: string, name: string, part: string, ...by: readonly unknown[]) =>
    [place, 'data-sources', 'one', name, part, ...by] as const,
}
