// What the command reads from the environment. Options of the command line win.

/** Where the server is and with which token to call it. */
export interface CliConfig {
  readonly url: string
  /** null: a server on this machine is asked for its own. */
  readonly token: string | null
}

export function readConfig(): CliConfig {
  const { SANDPIPER_URL: url, SANDPIPER_TOKEN: token } = process.env
  return { url: url || 'http://127.0.0.1:7181', token: token || null }
}
