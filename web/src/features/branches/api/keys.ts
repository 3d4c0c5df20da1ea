export const branchKeys = { list: (place: string) => [place, 'branches'] as const }
