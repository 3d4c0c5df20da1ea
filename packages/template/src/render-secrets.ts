// `{{ tb_secret("NAME") }}` in settings of connections and data sources, where no template runs.
import { fault } from '@sandpiper/faults'

const SECRET =
  /\{\{\s*tb_(?:secret|var)\(\s*(?:"([^"]*)"|'([^']*)')\s*(?:,\s*(?:default\s*=\s*)?(?:"([^"]*)"|'([^']*)')\s*)?\)\s*\}\}/g

/**
 * Replaces secrets in a setting by their values; an empty value is written as `""`.
 * @throws fault `template.error` for a secret that is missing and has no default.
 */
export function renderSecrets(text: string, secrets: ReadonlyMap<string, string>): string {
  return text.replace(
    SECRET,
    (_whole, double?: string, single?: string, defaultDouble?: string, defaultSingle?: string) => {
      const name = double ?? single ?? ''
      const value = secrets.get(name) ?? defaultDouble ?? defaultSingle
      if (value === undefined)
        throw fault('template.error', {
          public: `Cannot access secret '${name}'. Check the secret exists in the Workspace and the token has the required scope.`,
        })
      return value === '' ? '""' : value
    },
  )
}
