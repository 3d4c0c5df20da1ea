/** Keys of the drafts of whoever is signed in: they are the token's own. */
export const draftKeys = {
  all: (place: string, token: string) => [place, 'drafts', token] as const,
}
