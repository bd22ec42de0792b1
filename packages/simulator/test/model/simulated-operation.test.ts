import { createVirtualClock } from '@teams-operations/core/testing'
import { describe, expect, it } from 'vitest'
import { createSimulator, type OperationScript, type SimulatedOperation } from '../../src/index.ts'

function started(script: OperationScript): {
  operation: SimulatedOperation
  advance(ms: number): Promise<void>
} {
  const { tenant, clock } = createSimulator()
  return { operation: tenant.addOperation({ script }), advance: (ms) => clock.advance(ms) }
}

describe('an operation', () => {
  it('is not started, then in progress, then succeeded, each for as long as its script says', async () => {
    const { operation, advance } = started({ notStartedMs: 2_000, inProgressMs: 3_000 })
    expect(operation.status).toBe('notStarted')
    await advance(1_999)
    expect(operation.status).toBe('notStarted')
    await advance(1)
    expect(operation.status).toBe('inProgress')
    await advance(2_999)
    expect(operation.status).toBe('inProgress')
    await advance(1)
    expect(operation.view()).toMatchObject({ status: 'succeeded', error: null })
  })

  it('fails with the code and message of its script, and shows neither before', async () => {
    const error = { code: 'SiteLocked', message: 'The site is locked.' }
    const { operation, advance } = started({ inProgressMs: 1_000, outcome: 'failed', error })
    expect(operation.view()).toMatchObject({ status: 'inProgress', error: null })
    await advance(1_000)
    expect(operation.view()).toMatchObject({ status: 'failed', error })
  })

  it('fails without an error where the script gives null', async () => {
    const { operation, advance } = started({ inProgressMs: 1_000, outcome: 'failed', error: null })
    await advance(1_000)
    expect(operation.view()).toMatchObject({ status: 'failed', error: null })
  })

  it('stays as it is when it is stuck, a week later as well', async () => {
    const { operation, advance } = started({ outcome: 'stuck' })
    await advance(7 * 86_400_000)
    expect(operation.status).toBe('inProgress')
    expect(operation.isSettled).toBe(false)
  })

  it('takes any steps on the way, of statuses that nobody knows yet as well', async () => {
    const { operation, advance } = started({
      steps: [
        { status: 'paused', forMs: 1_000, attemptsCount: 1 },
        { status: 'invalid', forMs: 1_000, attemptsCount: 2 },
      ],
      attemptsCount: 3,
    })
    expect(operation.view()).toMatchObject({ status: 'paused', attemptsCount: 1 })
    await advance(1_000)
    expect(operation.view()).toMatchObject({ status: 'invalid', attemptsCount: 2 })
    await advance(1_000)
    expect(operation.view()).toMatchObject({ status: 'succeeded', attemptsCount: 3 })
  })

  it('cannot be read before it has been replicated, nor after it was purged', async () => {
    const { operation, advance } = started({
      inProgressMs: 5_000,
      replicationMs: 3_000,
      purgeAfterMs: 60_000,
    })
    expect(operation.presence).toBe('replicating')
    await advance(3_000)
    expect(operation.presence).toBe('present')
    await advance(61_999)
    expect(operation.presence).toBe('present')
    await advance(1)
    expect(operation.presence).toBe('purged')
  })

  it('is purged some time after its start when it is stuck', async () => {
    const { operation, advance } = started({ outcome: 'stuck', purgeAfterMs: 60_000 })
    await advance(60_000)
    expect(operation.presence).toBe('purged')
  })

  it('can be ended and purged by hand', async () => {
    const { tenant } = createSimulator()
    const [won, lost] = [tenant.addOperation({ script: { outcome: 'stuck' } }), tenant.addOperation()]
    won.succeed()
    lost.fail({ code: 'Broken', message: 'By hand.' })
    expect(won.view()).toMatchObject({ status: 'succeeded', error: null })
    expect(lost.view()).toMatchObject({ status: 'failed', error: { code: 'Broken' } })
    won.purge(410)
    expect([won.presence, won.purgeStatus]).toEqual(['purged', 410])
  })

  it('is done 5 to 17 seconds after its start unless told otherwise, and not always after the same time', () => {
    const { tenant } = createSimulator()
    const durations = Array.from({ length: 200 }, () => {
      const { settlesAt, startedAt } = tenant.addOperation()
      return settlesAt - startedAt
    })
    expect(Math.min(...durations)).toBeGreaterThanOrEqual(5_000)
    expect(Math.max(...durations)).toBeLessThanOrEqual(17_000)
    expect(new Set(durations).size).toBeGreaterThan(100)
  })

  it('does the same with the same seed, and something else with another', () => {
    const plans = (seed: number): unknown[] => {
      const { tenant } = createSimulator({ seed })
      return Array.from({ length: 5 }, () => {
        const { id, settlesAt } = tenant.addOperation()
        return { id, settlesAt }
      })
    }
    expect(plans(7)).toEqual(plans(7))
    expect(plans(7)).not.toEqual(plans(8))
  })

  it('keeps running by the monotonic clock while the time of day jumps', async () => {
    const clock = createVirtualClock()
    const { tenant } = createSimulator({ clock })
    const operation = tenant.addOperation({ script: { inProgressMs: 10_000 } })
    clock.jump(3_600_000)
    expect(operation.status).toBe('inProgress')
    clock.jump(-7_200_000)
    await clock.advance(10_000)
    expect(operation.status).toBe('succeeded')
  })

  it('refuses a duration that is none', () => {
    const { tenant } = createSimulator()
    expect(() => tenant.addOperation({ script: { inProgressMs: [9, 3] } })).toThrow(RangeError)
    expect(() => tenant.addOperation({ script: { inProgressMs: Number.NaN } })).toThrow(RangeError)
  })

  it('takes no timer, however many there are', () => {
    const { tenant, clock } = createSimulator()
    for (let count = 0; count < 10_000; count++) tenant.addOperation()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a script for what starts next', () => {
  it('holds for so many operations of its type, in the order in which scripts were given', () => {
    const { tenant } = createSimulator()
    tenant.script({ attemptsCount: 2 }, { operationType: 'unarchiveTeam' })
    tenant.script({ attemptsCount: 3 }, { times: 2 })
    tenant.script({ attemptsCount: 4 })
    const attempts = (operationType: string): number =>
      tenant.addOperation({ operationType, script: undefined }).view().attemptsCount
    expect(
      ['archiveTeam', 'archiveTeam', 'unarchiveTeam', 'archiveTeam', 'archiveTeam'].map(attempts),
    ).toEqual([3, 3, 2, 4, 1])
  })

  it('holds for one team or chat only, where it says so', () => {
    const { tenant } = createSimulator()
    const [one, other] = [tenant.addTeam(), tenant.addTeam()]
    tenant.script({ outcome: 'stuck' }, { ownerId: one.id.toUpperCase(), times: Infinity })
    expect(tenant.addOperation({ teamId: other.id }).settlesAt).toBeLessThan(Infinity)
    expect(tenant.addOperation({ teamId: one.id }).settlesAt).toBe(Infinity)
    expect(tenant.addOperation({ teamId: one.id }).settlesAt).toBe(Infinity)
  })

  it('leaves what it does not say to the script of the simulator', () => {
    const { tenant } = createSimulator({ script: { attemptsCount: 7, inProgressMs: 1_000 } })
    tenant.script({ attemptsCount: 2 })
    const { settlesAt, startedAt } = tenant.addOperation()
    expect(settlesAt - startedAt).toBe(1_000)
    expect(tenant.addOperation().view().attemptsCount).toBe(7)
  })
})

describe('a seeded operation', () => {
  it('may have started some time ago', () => {
    const { tenant } = createSimulator()
    const operation = tenant.addOperation({ script: { inProgressMs: 10_000 }, startedAgoMs: 10_000 })
    expect(operation.status).toBe('succeeded')
  })

  it('brings along the team, channel or chat that it is about', () => {
    const { tenant } = createSimulator()
    const archive = tenant.addOperation()
    expect(tenant.team(archive.identity.ownerId)).toBeDefined()
    const channel = tenant.addOperation({ operationType: 'archiveChannel' })
    expect(channel.identity.targetResourceLocation).toMatch(
      /^\/teams\('.+'\)\/channels\('19:.+@thread\.tacv2'\)$/,
    )
    const chat = tenant.addOperation({ chatId: '19:abc@thread.v2' })
    expect(chat).toMatchObject({
      operationType: 'createChat',
      location: expect.stringMatching(/^\/chats\('19:abc@thread\.v2'\)/),
    })
    expect(tenant.chats.has('19:abc@thread.v2')).toBe(true)
  })

  it('can be found by every spelling of its location, and forgotten', () => {
    const { tenant } = createSimulator()
    const operation = tenant.addOperation()
    const { ownerId, id } = operation.identity
    for (const spelling of [
      `/teams('${ownerId}')/operations('${id}')`,
      `/teams(${ownerId})/operations(${id})`,
      `/teams/${ownerId.toUpperCase()}/operations/${id}`,
      `/groups/${ownerId}/team/operations/${id}`,
      `/me/joinedTeams/${ownerId}/operations/${id}`,
      `https://graph.simulator.example/v1.0/teams/${ownerId}/operations/${id}`,
    ]) {
      expect(tenant.operation(spelling), spelling).toBe(operation)
    }
    tenant.removeOperation(operation)
    expect(tenant.operation(operation.location)).toBeUndefined()
    expect(tenant.operationsOf(ownerId)).toEqual([])
  })
})
