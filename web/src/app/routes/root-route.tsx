import { createRootRoute, Link, Outlet } from '@tanstack/react-router'

import { ErrorBox } from '@/ui/states.tsx'

export const rootRoute = createRootRoute({
  component: Outlet,
  errorComponent: ({ error, reset }) => (
    <main className="mx-auto max-w-2xl p-8">
      <h1 className="mb-3 text-xl font-semibold">The console failed</h1>
      <ErrorBox error={error} onRetry={reset} />
    </main>
  ),
  notFoundComponent: () => (
    <main className="mx-auto max-w-2xl p-8">
      <h1 className="mb-3 text-xl font-semibold">There is no such page</h1>
      <Link to="/" className="text-accent underline">
        To the start
      </Link>
    </main>
  ),
})
