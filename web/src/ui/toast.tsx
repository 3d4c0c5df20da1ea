import { Toast as Radix } from 'radix-ui'
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react'

interface Shown {
  id: number
  text: string
  tone: 'good' | 'bad'
}

const ToastContext = createContext<(text: string, tone?: Shown['tone']) => void>(() => undefined)

/** Says that something is done; failures stay where they happened, in an ErrorBox. */
export function useToast(): (text: string, tone?: Shown['tone']) => void {
  return useContext(ToastContext)
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<readonly Shown[]>([])
  const next = useRef(0)
  const show = useCallback((text: string, tone: Shown['tone'] = 'good') => {
    next.current += 1
    const id = next.current
    setShown((before) => [...before.slice(-3), { id, text, tone }])
  }, [])
  const remove = (id: number): void => setShown((before) => before.filter((each) => each.id !== id))
  return (
    <ToastContext value={show}>
      <Radix.Provider duration={5000}>
        {children}
        {shown.map(({ id, text, tone }) => (
          <Radix.Root
            key={id}
            onOpenChange={(open) => !open && remove(id)}
            className="rounded-md border border-line bg-surface px-3 py-2 text-sm shadow-lg"
          >
            <Radix.Description className={tone === 'bad' ? 'text-bad' : ''}>
              {text}
            </Radix.Description>
          </Radix.Root>
        ))}
        <Radix.Viewport className="fixed right-4 bottom-4 z-50 flex w-80 max-w-[90vw] flex-col gap-2" />
      </Radix.Provider>
    </ToastContext>
  )
}
