/** @param ratio 0 to 1, or null when how much is left is not known. */
export function Progress({ label, ratio }: { label: string; ratio: number | null }) {
  return (
    <progress
      aria-label={label}
      className="h-1.5 w-full overflow-hidden rounded bg-raised accent-accent"
      {...(ratio === null ? {} : { value: ratio, max: 1 })}
    />
  )
}
