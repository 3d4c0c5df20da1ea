export const connectionKeys = {
  all: (place: string) => [place, 'connections'] as const,
}
