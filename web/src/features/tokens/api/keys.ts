export const tokenKeys = { list: (place: string) => [place, 'tokens'] as const }
