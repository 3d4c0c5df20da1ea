// What the command reads from the environment. Options of the command line win.
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the server is and with which token to call it. */
export interface CliConfig {
  /** null: where `sandpiper login` was last, else this machine. */
  readonly url: string | null
  /** null: the one that `sandpiper login` kept for the server; a server on this machine is asked for its own. */
  readonly token: string | null
  /** Of the server that `sandpiper migrate` copies from. */
  readonly fromToken: string | null
  /** Where `sandpiper login` keeps tokens. */
  readonly credentialsPath: string
  /** Whether colours are unwanted. See https://no-color.org. */
  readonly isPlain: boolean
}

export function readConfig(): CliConfig {
  const {
    SANDPIPER_URL: url,
    SANDPIPER_TOKEN: token,
    SANDPIPER_FROM_TOKEN: fromToken,
    SANDPIPER_CREDENTIALS: credentials,
    XDG_CONFIG_HOME: configHome,
    NO_COLOR: noColor,
  } = process.env
  return {
    url: url || null,
    token: token || null,
    fromToken: fromToken || null,
    credentialsPath:
      credentials || join(configHome || join(homedir(), '.config'), 'sandpiper/credentials.json'),
    isPlain: noColor !== undefined && noColor !== '',
  }
}
