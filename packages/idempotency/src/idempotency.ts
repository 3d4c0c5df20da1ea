// The entry of this package: what other rooms may use.
export {}
