import type { ReactNode } from 'react'

import type { Act } from './rights.ts'
import { useMay } from './use-may.ts'

/** Its children, for tokens that may do this. */
export function IfMay({ act, children }: { act: Act; children: ReactNode }) {
  return useMay()(act) ? children : null
}
