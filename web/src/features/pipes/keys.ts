export const pipeKeys = {
  check: (place: string, token: string, about: string) =>
    [place, 'pipes', 'check', token, about] as const,
  functions: (place: string) => [place, 'pipes', 'functions'] as const,
}
