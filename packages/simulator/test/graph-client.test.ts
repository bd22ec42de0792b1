import { describe, expect, it } from 'vitest'
import { createSimulator, times, throttle } from '../src/index.ts'
import { inProcessClient } from './graph-client.ts'
import { scenarios } from './graph-client-scenarios.ts'

describe('the client of Microsoft, in process,', () => {
  it.each(scenarios)('$name', async ({ run }) => {
    const simulator = createSimulator()
    await run(inProcessClient(simulator), simulator)
  })

  it('retries by itself what is throttled', async () => {
    const simulator = createSimulator({ behaviors: [times(1, throttle({ retryAfter: '0' }))] })
    expect(await inProcessClient(simulator).api('/me/joinedTeams').get()).toMatchObject({ value: [] })
    expect(
      simulator.journal.entries.map(({ status, headers }) => [status, headers['retry-attempt']]),
    ).toEqual([
      [429, undefined],
      [200, '1'],
    ])
  })
})
