import { useEffect, useState } from 'react'

/** The value once it has not changed for a while: for what is asked of the server as somebody types. */
export function useQuiet<Value>(value: Value, quietMs = 700): Value {
  const [quiet, setQuiet] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(value), quietMs)
    return () => clearTimeout(timer)
  }, [value, quietMs])
  return quiet
}
