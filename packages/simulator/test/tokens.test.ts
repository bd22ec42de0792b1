import { describe, expect, it } from 'vitest'
import { createSimulator } from '../src/index.ts'
import { clientOf } from './test-client.ts'

const withToken = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })

describe('a bearer token', () => {
  it.each([undefined, '', 'Basic dXNlcg==', 'Bearer', 'Bearer  '])(
    'is required: %s is refused',
    async (authorization) => {
      const simulator = createSimulator()
      const headers = authorization === undefined ? {} : { authorization }
      const answer = await simulator.fetch(`${simulator.origin}/v1.0/me/joinedTeams`, { headers })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="", authorization_uri="https:/)
      expect(await answer.json()).toMatchObject({
        error: { code: 'InvalidAuthenticationToken', message: 'Access token is empty.' },
      })
    },
  )

  it('is one of a set, or what a function says', async () => {
    const fromSet = clientOf(createSimulator({ tokens: { accept: ['good'] } }))
    expect((await fromSet.get('/v1.0/me/joinedTeams', withToken('good'))).status).toBe(200)
    expect((await fromSet.get('/v1.0/me/joinedTeams', withToken('bad'))).status).toBe(401)
    const byFunction = clientOf(createSimulator({ tokens: { accept: (token) => token.startsWith('ok') } }))
    expect((await byFunction.get('/v1.0/me/joinedTeams', withToken('ok-1'))).status).toBe(200)
    expect((await byFunction.get('/v1.0/me/joinedTeams', withToken('no-1'))).status).toBe(401)
  })

  it('expires some time after it was first seen', async () => {
    const simulator = createSimulator({ tokens: { lifetimeMs: 60_000 } })
    const { get } = clientOf(simulator)
    expect((await get('/v1.0/me/joinedTeams', withToken('one'))).status).toBe(200)
    await simulator.clock.advance(59_999)
    expect((await get('/v1.0/me/joinedTeams', withToken('one'))).status).toBe(200)
    await simulator.clock.advance(1)
    expect((await get('/v1.0/me/joinedTeams', withToken('one'))).status).toBe(401)
    expect((await get('/v1.0/me/joinedTeams', withToken('two'))).status).toBe(200)
  })

  it('is no longer good when it was revoked, and a claims challenge says what is wanted', async () => {
    const simulator = createSimulator()
    const { get } = clientOf(simulator)
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1767225600"}}}'
    simulator.revokeToken('old', claims)
    simulator.revokeToken('older')
    const challenged =
      (await get('/v1.0/me/joinedTeams', withToken('old'))).headers.get('www-authenticate') ?? ''
    expect(challenged).toContain('error="insufficient_claims"')
    expect(atob(/claims="([^"]+)"/.exec(challenged)?.[1] ?? '')).toBe(claims)
    const plain = await get('/v1.0/me/joinedTeams', withToken('older'))
    expect([plain.status, plain.headers.get('www-authenticate')]).toEqual([
      401,
      expect.not.stringContaining('claims'),
    ])
    expect((await get('/v1.0/me/joinedTeams', withToken('new'))).status).toBe(200)
  })
})
