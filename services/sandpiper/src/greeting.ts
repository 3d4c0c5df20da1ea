// What whoever started the server reads: where it is, the tokens, and a line that works at once.

export interface Started {
  readonly url: string
  readonly port: number
  readonly dataDir: string
  readonly tokens: {
    readonly workspace_admin_token: string
    readonly user_token: string
    readonly admin_token: string
  }
  /** Process ids. */
  readonly children: Readonly<Record<string, number | null>>
}

/** One JSON line for programs. */
export function greetPrograms(started: Started): string {
  return `${JSON.stringify({ ready: true, ...started })}\n`
}

export function greetPeople({ url, dataDir, tokens }: Started): string {
  const token = tokens.workspace_admin_token
  return `
  Sandpiper is running at ${url}
  Open it in a browser: the console.

  Data: ${dataDir}

  Workspace admin token: ${token}
  User token:            ${tokens.user_token}

  Try it:
    curl -H 'Authorization: Bearer ${token}' '${url}/v0/sql?q=SELECT%201%20AS%20answer%20FORMAT%20JSON'

  Next, in another terminal:
    npm run demo

  Ctrl-C stops it; everything is there again at the next start.
`
}
