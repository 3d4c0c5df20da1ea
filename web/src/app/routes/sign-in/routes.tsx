import { createRoute, redirect } from '@tanstack/react-router'

import { leaveAll, signedIn } from '@/lib/session.ts'

import { rootRoute } from '../root-route.tsx'
import { SignInPage } from './sign-in-page.tsx'

/** `/` leads into the place that was entered last, or to the door. */
export const startRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    const [last] = signedIn()
    // The router's redirect is thrown by its contract.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw last === undefined
      ? redirect({ to: '/sign-in' })
      : redirect({ to: '/w/$place', params: { place: last.place } })
  },
})

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'sign-in',
  validateSearch: ({ back }: Record<string, unknown>): { back?: string } =>
    typeof back === 'string' && /^\/w\//.test(back) ? { back } : {},
  // Here, since the page before may ask first whether it may be left.
  beforeLoad: ({ location: { state } }) => {
    if (state.signsOut === true) leaveAll()
  },
  component: SignInPage,
})
