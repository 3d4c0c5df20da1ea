import { getRouteApi, useNavigate, useRouter } from '@tanstack/react-router'

import { SignInForm } from '@/features/session/components/sign-in-form.tsx'

const route = getRouteApi('/sign-in')

export function SignInPage() {
  const { back } = route.useSearch()
  const navigate = useNavigate()
  const { history } = useRouter()
  const entered = (place: string): void => {
    if (back === undefined) void navigate({ to: '/w/$place', params: { place } })
    else history.push(back)
  }
  return (
    <main className="flex min-h-full flex-col items-center px-4 pt-[14vh] pb-8">
      <h1 className="text-2xl font-semibold">Sandpiper</h1>
      <p className="mt-1 mb-6 text-sm text-muted">Real-time analytics on your own machines.</p>
      <SignInForm onEntered={entered} />
    </main>
  )
}
