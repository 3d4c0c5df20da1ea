// This service is a program, main.ts: nothing imports it.
export {}
