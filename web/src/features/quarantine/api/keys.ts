/** `all` goes stale with every replay and every row that is refused. */
export const quarantineKeys = {
  all: (place: string, name: string) => [place, 'quarantine', name] as const,
  causes: (place: string, name: string) => [place, 'quarantine', name, 'causes'] as const,
}
