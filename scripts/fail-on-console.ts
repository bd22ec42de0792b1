import { afterEach, beforeEach, expect } from 'vitest'

// What the packages have to say, they say in values, events and errors: a line on the console is noise, or a
// failure that nobody looked at. A test that expects one replaces the method itself, with `vi.spyOn`.
const methods = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const
const originals = methods.map((method) => [method, console[method]] as const)
let printed: unknown[][] = []

beforeEach(() => {
  printed = []
  for (const method of methods)
    console[method] = (...line) => void printed.push([`console.${method}`, ...line])
})

afterEach(() => {
  for (const [method, original] of originals) console[method] = original
  expect(printed, 'A test leaves nothing on the console').toEqual([])
})
