import { createRoute, redirect } from '@tanstack/react-router'

import { tokenOf } from '@/lib/session.ts'

import { Shell } from '../shell/shell.tsx'
import { rootRoute } from './root-route.tsx'

/** Everything of one workspace or branch lives below `/w/<place>`; who has no token for it signs in first and comes back. */
export const placeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'w/$place',
  beforeLoad: ({ params, location }) => {
    if (tokenOf(params.place) !== undefined) return
    // The router's redirect is thrown by its contract.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw redirect({ to: '/sign-in', search: { back: location.href } })
  },
  component: Shell,
})
