import { describe, expect, it } from 'vitest'
import { createSimulator, dropConnection, latency, neverEnding, redirectTo, when } from '../src/index.ts'
import { clientOf } from './test-client.ts'

const authorized = { authorization: 'Bearer a-token' }

describe('fetch', () => {
  it('takes what fetch takes: a string, a URL, a Request, and bodies of any kind', async () => {
    const simulator = createSimulator({ throttling: false })
    const url = `${simulator.origin}/v1.0/me/joinedTeams`
    for (const input of [url, new URL(url), new Request(url)]) {
      const answer = await simulator.fetch(input, { headers: authorized })
      expect([answer.status, answer.url]).toEqual([200, url])
    }
    const { id } = simulator.tenant.addTeam()
    const archive = `${simulator.origin}/v1.0/teams/${id}/archive`
    const text = '{"shouldSetSpoSiteReadOnlyForMembers":"no"}'
    for (const body of [text, new Blob([text]), new TextEncoder().encode(text)]) {
      const answer = await simulator.fetch(archive, { method: 'post', headers: authorized, body })
      expect(await answer.text()).toContain('Edm.Boolean')
    }
    const request = new Request(archive, { method: 'POST', headers: authorized, body: text })
    expect((await simulator.fetch(request)).status).toBe(400)
  })

  it('refuses what fetch refuses', async () => {
    const simulator = createSimulator()
    await expect(simulator.fetch('/v1.0/teams')).rejects.toThrow(TypeError)
    await expect(simulator.fetch('https://user:secret@graph.simulator.example/')).rejects.toThrow(
      /credentials/,
    )
    expect(simulator.journal.entries).toEqual([])
  })

  it('rejects at once when the signal is aborted before', async () => {
    const simulator = createSimulator()
    const reason = new Error('Too late')
    await expect(simulator.fetch(simulator.origin, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    )
    expect(simulator.journal.entries).toEqual([])
  })

  it('rejects when the signal is aborted while it waits, and leaves no timer', async () => {
    const simulator = createSimulator({ behaviors: [latency(5_000)] })
    const { get } = clientOf(simulator)
    const leaving = new AbortController()
    const answer = get('/v1.0/me/joinedTeams', { signal: leaving.signal })
    const rejected = expect(answer).rejects.toBeInstanceOf(DOMException)
    await simulator.clock.advance(1_000)
    leaving.abort()
    await rejected
    expect(simulator.clock.pendingTimers).toBe(0)
    expect(simulator.journal.entries).toMatchObject([
      { outcome: 'abandoned', status: undefined, endedAt: 1_000 },
    ])
  })

  it('errors the body when the signal is aborted while it is read', async () => {
    const simulator = createSimulator({ behaviors: [neverEnding()] })
    const leaving = new AbortController()
    const answer = await clientOf(simulator).get('/v1.0/me/joinedTeams', { signal: leaving.signal })
    expect(simulator.journal.entries).toMatchObject([{ outcome: 'pending', status: 200 }])
    const text = expect(answer.text()).rejects.toThrow()
    leaving.abort()
    await text
    expect(simulator.journal.entries).toMatchObject([{ outcome: 'abandoned' }])
  })

  it('sees a body that is cancelled as the end', async () => {
    const simulator = createSimulator({ behaviors: [neverEnding()] })
    const answer = await clientOf(simulator).get('/v1.0/me/joinedTeams')
    await answer.body?.cancel()
    expect(simulator.journal.entries).toMatchObject([{ outcome: 'abandoned' }])
  })

  describe('where it is sent elsewhere', () => {
    const elsewhere = 'https://elsewhere.example'
    const redirecting = (target: string) =>
      createSimulator({
        behaviors: [when(({ request }) => request.url.pathname === '/v1.0/teams', redirectTo(target))],
      })

    it('follows without the token, as fetch does', async () => {
      const simulator = redirecting(elsewhere)
      const answer = await clientOf(simulator).get('/v1.0/teams')
      expect([answer.status, answer.url]).toEqual([404, `${elsewhere}/v1.0/teams`])
      const [, followed] = simulator.journal.entries
      expect(followed).toMatchObject({ kind: 'foreign', url: `${elsewhere}/v1.0/teams` })
      expect(followed?.headers).not.toHaveProperty('authorization')
      expect(simulator.journal.violations('foreign-token')).toEqual([])
    })

    it('gives the redirect itself, or refuses it, where it is told to', async () => {
      const { get } = clientOf(redirecting(elsewhere))
      const manual = await get('/v1.0/teams', { redirect: 'manual' })
      expect([manual.status, manual.headers.get('location')]).toEqual([307, `${elsewhere}/v1.0/teams`])
      await expect(get('/v1.0/teams', { redirect: 'error' })).rejects.toThrow(TypeError)
    })

    it('keeps the token on its own origin, and gives up on a loop', async () => {
      const simulator = redirecting('https://graph.simulator.example')
      await expect(clientOf(simulator).get('/v1.0/teams')).rejects.toThrow(TypeError)
      expect(simulator.journal.entries).toHaveLength(21)
      expect(simulator.journal.entries.every(({ headers }) => headers['authorization'])).toBe(true)
    })
  })

  it('answers nothing but 404 for another origin, and the journal sees a token that was sent there', async () => {
    const simulator = createSimulator()
    const answer = await simulator.fetch('https://elsewhere.example/v1.0/me/joinedTeams', {
      headers: authorized,
    })
    expect(answer.status).toBe(404)
    expect(simulator.journal.violations()).toMatchObject([
      { type: 'foreign-token', url: 'https://elsewhere.example/v1.0/me/joinedTeams' },
    ])
  })

  it('answers at an origin that was added, with links that lead there, until it is taken away', async () => {
    const simulator = createSimulator({ throttling: false })
    const remove = simulator.addOrigin('http://localhost:4100')
    for (let count = 0; count < 3; count++) simulator.tenant.addTeam()
    const url = 'http://localhost:4100/v1.0/me/joinedTeams?$top=2'
    const page = await simulator.fetch(url, { headers: authorized })
    expect(await page.json()).toMatchObject({
      '@odata.context': expect.stringMatching(/^http:\/\/localhost:4100\//),
      '@odata.nextLink': expect.stringMatching(/^http:\/\/localhost:4100\//),
    })
    remove()
    expect((await simulator.fetch(url, { headers: authorized })).status).toBe(404)
  })
})

describe('closing a simulator', () => {
  it('breaks what is under way, leaves no timer and takes no more requests', async () => {
    const simulator = createSimulator({
      behaviors: [
        when(({ request }) => request.url.pathname === '/slow', latency(60_000)),
        when(({ request }) => request.url.pathname === '/silent', neverEnding({ at: 'answer' })),
      ],
    })
    const { get } = clientOf(simulator)
    const pending = [get('/slow'), get('/silent')].map((answer) =>
      expect(answer).rejects.toThrow('fetch failed'),
    )
    await simulator.clock.advance(10)
    await simulator[Symbol.asyncDispose]()
    await Promise.all(pending)
    expect(simulator.clock.pendingTimers).toBe(0)
    expect(simulator.closed.aborted).toBe(true)
    await expect(get('/v1.0/me/joinedTeams')).rejects.toThrow('fetch failed')
  })

  it('breaks a body that never ends', async () => {
    const simulator = createSimulator({ behaviors: [neverEnding()] })
    const answer = await clientOf(simulator).get('/v1.0/me/joinedTeams')
    const text = expect(answer.text()).rejects.toThrow('fetch failed')
    await simulator.close()
    await text
  })
})

it('a connection that breaks rejects as fetch does', async () => {
  const simulator = createSimulator({ behaviors: [dropConnection()] })
  await expect(clientOf(simulator).get('/v1.0/me/joinedTeams')).rejects.toMatchObject({
    name: 'TypeError',
    message: 'fetch failed',
    cause: expect.any(Error),
  })
})
