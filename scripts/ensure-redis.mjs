// Prints where redis-server is, installed when it is not there; what several processes share is tested against it.
import { ensureSystemPackage } from './lib/ensure-system-package.mjs'

try {
  console.log(ensureSystemPackage(['redis-server', 'valkey-server'], 'redis-server'))
} catch (err) {
  console.error(err instanceof Error ? err.message : String(err))
  process.exit(1)
}
