export const variableKeys = { list: (place: string) => [place, 'variables'] as const }
