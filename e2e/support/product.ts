// The whole product, as `npm start` runs it, on a data directory of its own.
import { startSandpiper } from '@sandpiper/testkit'

export interface Product {
  readonly url: string
  /** What GET /tokens answers. */
  readonly tokens: {
    readonly user_token: string
    readonly admin_token: string
    readonly workspace_admin_token: string
  }
  stop(): Promise<void>
}

/** Starts it. @param port default: any free one. @param env settings beside the usual ones. */
export async function startProduct(
  port?: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Product> {
  const sandpiper = await startSandpiper({
    bundled: true,
    env,
    ...(port !== undefined && { port }),
  })
  return {
    url: sandpiper.url,
    tokens: sandpiper.tokens,
    stop: async () => {
      const code = await sandpiper.stop()
      if (code !== 0) throw new Error(`the server ended with ${String(code)}: ${sandpiper.log()}`)
    },
  }
}
