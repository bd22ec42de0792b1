import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import { faults } from '../../src/cli/fault.ts'
import * as simulator from '../../src/index.ts'

const readme = readFileSync(path.resolve(import.meta.dirname, '../../README.md'), 'utf8')

it('the code of the README is in the files next to this one, where it is compiled', () => {
  const compiled = readdirSync(import.meta.dirname).map((file) =>
    readFileSync(path.join(import.meta.dirname, file), 'utf8'),
  )
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code)
  expect(blocks.length).toBeGreaterThan(3)
  for (const block of blocks)
    expect(
      compiled.some((file) => file.includes(block)),
      block,
    ).toBe(true)
})

it('the example of the README prints what it says', async () => {
  const printed: unknown[] = []
  vi.spyOn(console, 'log').mockImplementation((value: unknown) => void printed.push(value))
  await import('./example.ts')
  expect(printed).toEqual([503, 'succeeded', 1])
})

it('the scripts and the behavior of the README do what it says', async () => {
  const { operation, tenant } = await import('./scripts.ts')
  const { slowMornings } = await import('./behavior.ts')
  expect(operation.status).toBe('succeeded')
  const [next, clone] = ['archiveTeam', 'cloneTeam'].map((operationType) =>
    tenant.addOperation({ operationType }),
  )
  expect([next?.settlesAt, clone?.settlesAt]).toEqual([60_000, Infinity])
  const { fetch, clock, journal, origin } = simulator.createSimulator({ behaviors: [slowMornings] })
  const answer = fetch(origin)
  await clock.advance(60_000)
  await answer
  expect(journal.entries).toMatchObject([{ endedAt: 5_000 }])
})

it('the README names every fault, every predicate and every kind of violation', () => {
  const functions = Object.entries(simulator).filter(([, value]) => typeof value === 'function')
  for (const [name] of functions) expect(readme, name).toContain(`\`${name}`)
  for (const name of Object.keys(faults)) expect(readme, name).toContain(`\`${name}`)
  const violations: Record<simulator.ViolationType, true> = {
    'batch-too-large': true,
    'check-too-early': true,
    'foreign-token': true,
    'missing-client-request-id': true,
    'missing-prefer': true,
    'over-chat-limit': true,
    'over-team-limit': true,
    'over-tenant-limit': true,
    'repeated-client-request-id': true,
    'repeated-start': true,
    'request-during-retry-after': true,
  }
  for (const type of Object.keys(violations)) expect(readme, type).toContain(`\`${type}\``)
})
