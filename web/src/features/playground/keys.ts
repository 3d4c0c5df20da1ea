export const queryKeys = {
  one: (place: string, id: string) => [place, 'saved-queries', 'one', id] as const,
}
