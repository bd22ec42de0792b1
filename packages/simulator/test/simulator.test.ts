import { describe, expect, it } from 'vitest'
import { createSimulator } from '../src/index.ts'
import { clientOf } from './test-client.ts'

describe('createSimulator', () => {
  it('archives a team: 202 without a body, in progress at once, succeeded within 17 seconds', async () => {
    const simulator = createSimulator()
    const { get, post } = clientOf(simulator)
    const team = simulator.tenant.addTeam()

    const accepted = await post(`/v1.0/teams/${team.id}/archive`)
    expect(accepted.status).toBe(202)
    expect(await accepted.text()).toBe('')
    const location = accepted.headers.get('location') ?? ''
    expect(location).toMatch(new RegExp(`^/teams\\('${team.id}'\\)/operations\\('[0-9a-f-]{36}'\\)$`))

    const first = await (await get(`/v1.0${location}`)).json()
    expect(first).toMatchObject({
      operationType: 'archiveTeam',
      status: 'inProgress',
      attemptsCount: 1,
      error: null,
    })
    await simulator.clock.advance(31_000)
    const second = await (await get(`/v1.0${location}`)).json()
    expect(second).toMatchObject({
      status: 'succeeded',
      lastActionDateTime: first.createdDateTime,
      error: null,
    })
    expect(await (await get(`/v1.0/teams/${team.id}`)).json()).toMatchObject({ isArchived: true })

    expect(simulator.journal.gapsOf(location)).toEqual([31_000])
    expect(simulator.journal.violations()).toEqual([])
  })

  it('sees a check that comes too early, in a batch as well', async () => {
    const simulator = createSimulator()
    const { get, batch } = clientOf(simulator)
    const operation = simulator.tenant.addOperation()

    await get(`/v1.0${operation.location}`)
    await simulator.clock.advance(29_999)
    const answer = await batch('v1.0', [
      {
        id: '1',
        method: 'GET',
        url: operation.location,
        headers: { Prefer: 'include-unknown-enum-members' },
      },
    ])
    expect(await answer.json()).toMatchObject({
      responses: [{ id: '1', status: 200, body: { id: operation.id } }],
    })

    expect(simulator.journal.violations()).toMatchObject([
      { type: 'check-too-early', operation: operation.location, gapMs: 29_999, floorMs: 30_000 },
    ])
  })

  it('refuses a request without a token', async () => {
    const simulator = createSimulator()
    const answer = await simulator.fetch(`${simulator.origin}/v1.0/teams`, { method: 'POST' })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /)
    expect(await answer.json()).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } })
  })

  it('refuses options that make no sense', () => {
    expect(() => createSimulator({ pageSize: 0 })).toThrow(RangeError)
    expect(() => createSimulator({ journal: { keep: -1 } })).toThrow(RangeError)
    expect(() => createSimulator({ time: { speed: 0 } })).toThrow(RangeError)
    expect(() => createSimulator({ origin: 'graph' })).toThrow(TypeError)
  })
})
