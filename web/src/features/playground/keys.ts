export const queryKeys = {
  all: (place: string) => [place, 'saved-queries'] as const,
  one: (place: string, id: string) => [place, 'saved-queries', id] as const,
}
