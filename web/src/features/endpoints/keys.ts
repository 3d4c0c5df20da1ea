export const endpointKeys = {
  all: (place: string) => [place, 'endpoints'] as const,
  stats: (place: string, range: string) => [place, 'endpoints', 'stats', range] as const,
  series: (place: string, pipe: string, range: string) =>
    [place, 'endpoints', 'series', pipe, range] as const,
  slow: (place: string, pipe: string, range: string) =>
    [place, 'endpoints', 'slow', pipe, range] as const,
  failed: (place: string, pipe: string, range: string) =>
    [place, 'endpoints', 'failed', pipe, range] as const,
}
