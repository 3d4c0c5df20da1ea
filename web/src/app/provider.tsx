import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'

import { isPassing } from '@/lib/api-error.ts'
import { ToastProvider } from '@/ui/toast.tsx'
import { TooltipProvider } from '@/ui/tooltip.tsx'

import { router } from './router.tsx'

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refuses is refused the second time as well.
      retry: (failures, err) => isPassing(err) && failures < 3,
      refetchOnWindowFocus: true,
    },
  },
})

export function Provider() {
  return (
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </TooltipProvider>
    </QueryClientProvider>
  )
}
