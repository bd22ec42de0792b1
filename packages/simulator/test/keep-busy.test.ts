import { describe, expect, it } from 'vitest'
import { createSimulator, keepBusy } from '../src/index.ts'
import { clientOf, jsonOf } from './test-client.ts'

describe('keepBusy', () => {
  it('runs an archive that succeeds, one that fails, one that is throttled, and a chat', async () => {
    const simulator = createSimulator()
    const { get } = clientOf(simulator)
    using busy = keepBusy(simulator, { durationMs: 60_000 })
    const running = busy.running()
    expect(running.map(({ story }) => story)).toEqual(['succeeds', 'fails', 'throttled', 'chat'])
    const [wins, fails, throttled, chat] = running.map(({ operation }) => operation)
    await simulator.clock.advance(59_000)
    const attempts = await jsonOf(get(`/v1.0${fails?.location}`))
    expect(attempts).toMatchObject({ status: 'inProgress', attemptsCount: 3 })
    await simulator.clock.advance(2_000)
    expect(await jsonOf(get(`/v1.0${wins?.location}`))).toMatchObject({
      operationType: 'archiveTeam',
      status: 'succeeded',
    })
    expect(await jsonOf(get(`/v1.0${fails?.location}`))).toMatchObject({
      status: 'failed',
      error: { code: 'TeamUnavailable' },
    })
    expect(await jsonOf(get(`/beta${chat?.location}`))).toMatchObject({
      operationType: 'createChat',
      status: 'succeeded',
    })
    const answers: unknown[] = []
    for (let count = 0; count < 6; count++) {
      await simulator.clock.advance(500)
      const answer = await get(`/v1.0${throttled?.location}`)
      answers.push([answer.status, answer.headers.get('retry-after')])
    }
    expect(answers).toEqual([
      [200, null],
      [429, '2'],
      [200, null],
      [200, null],
      [429, '2'],
      [200, null],
    ])
  })

  it('starts each again some time after it has ended, and those before can still be read', async () => {
    const simulator = createSimulator()
    using busy = keepBusy(simulator, { durationMs: 60_000, pauseMs: 5_000 })
    const [first] = busy.running()
    await simulator.clock.advance(64_999)
    expect(busy.running()[0]?.operation).toBe(first?.operation)
    await simulator.clock.advance(1)
    const [second] = busy.running()
    expect(second?.operation).not.toBe(first?.operation)
    expect(second?.operation.identity.ownerId).toBe(first?.operation.identity.ownerId)
    expect(second?.operation.status).toBe('notStarted')
    expect((await clientOf(simulator).get(`/v1.0${first?.operation.location}`)).status).toBe(200)
  })

  it('takes a minute to a minute and a half unless told otherwise', () => {
    const { running } = keepBusy(createSimulator())
    for (const { operation } of running()) {
      expect(operation.settlesAt).toBeGreaterThanOrEqual(60_000)
      expect(operation.settlesAt).toBeLessThanOrEqual(90_000)
    }
  })

  it('does not grow with the days', async () => {
    const simulator = createSimulator()
    keepBusy(simulator)
    await simulator.clock.advance(86_400_000)
    expect([...simulator.tenant.operations()]).toHaveLength(200)
    expect(simulator.tenant.teams.size + simulator.tenant.chats.size).toBe(4)
  })

  it('stops when it is told to, and with the simulator', async () => {
    const simulator = createSimulator()
    keepBusy(simulator).stop()
    expect(simulator.clock.pendingTimers).toBe(0)
    keepBusy(simulator)
    expect(simulator.clock.pendingTimers).toBe(4)
    await simulator.close()
    expect(simulator.clock.pendingTimers).toBe(0)
  })
})
