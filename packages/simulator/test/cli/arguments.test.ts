import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../src/cli/arguments.ts'
import { parseFault } from '../../src/cli/fault.ts'
import { helpText } from '../../src/cli/help-text.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { clientOf, unlimited } from '../test-client.ts'

describe('the command line', () => {
  it('has defaults', () => {
    expect(parseArguments([])).toEqual({
      port: 4100,
      host: '127.0.0.1',
      speed: 1,
      seed: '1',
      faults: [],
      isThrottling: true,
      isBusy: false,
      wants: 'serve',
    })
  })

  it('takes every option that the help names', () => {
    const args = ['--port=0', '--host', '0.0.0.0', '--speed', '60', '--seed=a', '--no-throttling', '--busy']
    expect(parseArguments([...args, '--fault', 'empty', '--fault', 'drop@0.5'])).toMatchObject({
      port: 0,
      host: '0.0.0.0',
      speed: 60,
      seed: 'a',
      isThrottling: false,
      isBusy: true,
      faults: [expect.any(Function), expect.any(Function)],
    })
    expect(parseArguments(['-h']).wants).toBe('help')
    expect(parseArguments(['--version']).wants).toBe('version')
    for (const option of [
      '--port',
      '--host',
      '--speed',
      '--seed',
      '--no-throttling',
      '--busy',
      '--fault',
      '--help',
      '--version',
    ]) {
      expect(helpText).toContain(option)
    }
  })

  it.each([
    ['--port=65536'],
    ['--port=http'],
    ['--speed=0'],
    ['--speed=fast'],
    ['--unheard-of'],
    ['serve'],
    ['--fault=nope'],
    ['--fault=constructor'],
    ['--fault=error:404'],
    ['--fault=latency'],
    ['--fault=latency:fast'],
    ['--fault=latency:9-3'],
    ['--fault=empty:1'],
    ['--fault=drop@2'],
    ['--fault=drop@'],
  ])('refuses %s with a reason', (argument) => {
    expect(() => parseArguments([argument])).toThrow(UsageError)
  })
})

describe('a fault on the command line', () => {
  const list = '/v1.0/me/joinedTeams'
  it.each([
    ['throttle', 429, '10'],
    ['throttle:2.128', 429, '2.128'],
    ['throttle:Thu, 01 Jan 2026 00:00:20 GMT@1', 429, 'Thu, 01 Jan 2026 00:00:20 GMT'],
    ['error', 503, null],
    ['error:504', 504, null],
    ['error:500@0', 200, null],
  ])('%s answers %i', async (text, status, retryAfter) => {
    const answer = await clientOf(unlimited({ behaviors: [parseFault(text)] })).get(list)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter])
  })

  it('latency makes answers late', async () => {
    const simulator = unlimited({ behaviors: [parseFault('latency:200-200')] })
    const answer = clientOf(simulator).get(list)
    await simulator.clock.advance(200)
    await answer
    expect(simulator.journal.entries).toMatchObject([{ endedAt: 200 }])
  })

  it('late-replication and purge hold for a time', async () => {
    const simulator = unlimited({
      behaviors: [parseFault('late-replication:1000'), parseFault('purge:5000')],
    })
    const { get } = clientOf(simulator)
    const { location } = simulator.tenant.addOperation()
    const statuses: number[] = []
    for (let count = 0; count < 3; count++) {
      statuses.push((await get(`/v1.0${location}`)).status)
      await simulator.clock.advance(2_500)
    }
    expect(statuses).toEqual([404, 200, 404])
  })
})
