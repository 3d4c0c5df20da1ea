export const overviewKeys = {
  pulse: (place: string) => [place, 'overview', 'pulse'] as const,
  requests: (place: string, range: string) => [place, 'overview', 'requests', range] as const,
  events: (place: string, range: string) => [place, 'overview', 'events', range] as const,
  storage: (place: string) => [place, 'overview', 'storage'] as const,
  quarantine: (place: string) => [place, 'overview', 'quarantine'] as const,
  jobs: (place: string) => [place, 'overview', 'jobs'] as const,
}
