export const publishKeys = {
  live: (place: string, files: readonly string[]) =>
    [place, 'catalog', 'live-files', files] as const,
  plan: (place: string, token: string, about: string) =>
    [place, 'catalog', 'publish-plan', token, about] as const,
}
