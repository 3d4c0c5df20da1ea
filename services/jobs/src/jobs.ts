// The entry of this service for the process that hosts it.
export {}
