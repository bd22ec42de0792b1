import { describe, expect, it } from 'vitest'
import { createSimulator, type Simulator } from '../src/index.ts'
import { clientOf } from './test-client.ts'

/** How many of so many requests at once are answered with something else than 429. */
async function granted(simulator: Simulator, count: number, path: string, body?: unknown): Promise<number> {
  const { get, post } = clientOf(simulator)
  const answers = await Promise.all(
    Array.from({ length: count }, () => (body === undefined ? get(path) : post(path, body))),
  )
  return answers.filter(({ status }) => status !== 429).length
}

const newTeam = {
  'template@odata.bind': "https://graph.microsoft.com/v1.0/teamsTemplates('standard')",
  displayName: 'New',
}

describe('the documented limits', () => {
  it('grant a tenant 30 reads, 10 new teams and 6 clones a second', async () => {
    const simulator = createSimulator()
    expect(await granted(simulator, 40, '/v1.0/me/chats')).toBe(30)
    expect(await granted(simulator, 40, '/v1.0/me/joinedTeams')).toBe(30)
    expect(await granted(simulator, 40, '/v1.0/teams', newTeam)).toBe(10)
    const { tenant } = simulator
    const sources = Array.from({ length: 10 }, () => tenant.addTeam().id)
    const clones = await Promise.all(
      sources.map((id) =>
        granted(simulator, 1, `/v1.0/teams/${id}/clone`, { displayName: 'New', partsToClone: 'apps' }),
      ),
    )
    expect(clones.reduce((sum, count) => sum + count)).toBe(6)
  })

  it('grant a team 4 requests a second, whichever way they take', async () => {
    const simulator = createSimulator()
    const { id } = simulator.tenant.addTeam()
    expect(await granted(simulator, 3, `/v1.0/teams/${id}/operations`)).toBe(3)
    expect(await granted(simulator, 3, `/beta/groups/${id.toUpperCase()}/team/operations`)).toBe(1)
  })

  it('grant a chat or channel 1 request a second', async () => {
    const simulator = createSimulator()
    const team = simulator.tenant.addTeam()
    const channel = simulator.tenant.addChannel(team.id)
    const chat = simulator.tenant.addChat()
    expect(await granted(simulator, 3, `/v1.0/teams/${team.id}/channels/${channel.id}`)).toBe(1)
    expect(await granted(simulator, 3, `/beta/chats/${chat.id}/operations`)).toBe(1)
  })

  it('hold for every second, also across two of them', async () => {
    const simulator = createSimulator()
    const { id } = simulator.tenant.addTeam()
    const path = `/v1.0/teams/${id}`
    expect(await granted(simulator, 2, path)).toBe(2)
    await simulator.clock.advance(900)
    expect(await granted(simulator, 2, path)).toBe(2)
    await simulator.clock.advance(99)
    expect(await granted(simulator, 1, path)).toBe(0)
    await simulator.clock.advance(901)
    expect(await granted(simulator, 4, path)).toBe(3)
  })

  it('are answered with 429, a Retry-After and the documented body', async () => {
    const simulator = createSimulator({ throttling: { retryAfter: '2.128' } })
    const { get } = clientOf(simulator)
    const chat = `/v1.0/chats/${simulator.tenant.addChat().id}`
    await get(chat)
    const answer = await get(chat)
    expect(answer.headers.get('retry-after')).toBe('2.128')
    expect(await answer.json()).toMatchObject({
      error: {
        code: 'TooManyRequests',
        message: 'Please retry again later.',
        innerError: { code: '429', status: '429' },
      },
    })
  })

  it('can be scaled, and switched off', async () => {
    expect(await granted(createSimulator({ throttling: { scale: 0.1 } }), 40, '/v1.0/me/chats')).toBe(3)
    expect(await granted(createSimulator({ throttling: { scale: 2 } }), 70, '/v1.0/me/chats')).toBe(60)
    expect(await granted(createSimulator({ throttling: false }), 40, '/v1.0/me/chats')).toBe(40)
    expect(() => createSimulator({ throttling: { scale: 0 } })).toThrow(RangeError)
  })

  it('of less than one a second make the second longer', async () => {
    const simulator = createSimulator({ throttling: { scale: 0.5 } })
    const path = `/v1.0/chats/${simulator.tenant.addChat().id}`
    expect(await granted(simulator, 1, path)).toBe(1)
    await simulator.clock.advance(1_999)
    expect(await granted(simulator, 1, path)).toBe(0)
    await simulator.clock.advance(2_000)
    expect(await granted(simulator, 1, path)).toBe(1)
  })
})
