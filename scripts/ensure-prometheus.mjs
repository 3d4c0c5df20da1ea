// Prints where Prometheus is, installed when it is not there; the alerts and dashboards of infra/ are tested with it.
import { ensureSystemPackage } from './lib/ensure-system-package.mjs'

try {
  console.log(ensureSystemPackage(['prometheus'], 'prometheus'))
} catch (err) {
  console.error(err instanceof Error ? err.message : String(err))
  process.exit(1)
}
