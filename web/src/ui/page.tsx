import type { ReactNode } from 'react'

/** Title, what can be done here, and the content. */
export function Page({
  title,
  about,
  actions,
  children,
}: {
  title: ReactNode
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
}) {
  return (
    <div className="mx-auto flex w-full max-w-[100rem] flex-col gap-4 p-4 md:p-6">
      <header className="flex flex-wrap items-start gap-3">
        <div className="min-w-0 flex-1 basis-48">
          <h1 className="truncate text-xl font-semibold">{title}</h1>
          {about === undefined ? null : <div className="mt-0.5 text-sm text-muted">{about}</div>}
        </div>
        {actions === undefined ? null : <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

export function Card({
  title,
  actions,
  children,
  pad = true,
}: {
  title?: ReactNode
  actions?: ReactNode
  children: ReactNode
  pad?: boolean
}) {
  return (
    <section className="min-w-0 rounded-lg border border-line bg-surface">
      {title === undefined ? null : (
        <header className="flex items-center gap-2 border-b border-line px-4 py-2.5">
          <h2 className="min-w-0 flex-1 truncate text-sm font-semibold">{title}</h2>
          {actions}
        </header>
      )}
      <div className={pad ? 'p-4' : ''}>{children}</div>
    </section>
  )
}
