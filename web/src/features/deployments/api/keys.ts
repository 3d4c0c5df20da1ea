export const deploymentKeys = {
  all: (place: string) => [place, 'deployments'] as const,
  list: (place: string) => [place, 'deployments', 'list'] as const,
  one: (place: string, id: string) => [place, 'deployments', 'one', id] as const,
}
