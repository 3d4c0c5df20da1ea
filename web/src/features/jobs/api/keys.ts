export const jobKeys = {
  all: (place: string) => [place, 'jobs'] as const,
  list: (place: string) => [place, 'jobs', 'list'] as const,
  one: (place: string, id: string) => [place, 'jobs', 'one', id] as const,
}
