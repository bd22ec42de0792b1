import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { describe, expect, it, vi } from 'vitest'
import type { TokenCredential } from '../../src/graph/credential.ts'
import { createTokenSource, type TokenSource } from '../../src/graph/token-source.ts'
import { scriptedCredential, type ScriptedCredential, type ScriptedToken } from './scripted-credential.ts'

const MINUTE = 60_000
const { signal } = new AbortController()

interface Setting {
  readonly clock: VirtualClock
  readonly credential: ScriptedCredential
  readonly tokens: TokenSource
}

function setUp(script: (now: number) => readonly ScriptedToken[] = () => []): Setting {
  const clock = createVirtualClock()
  const credential = scriptedCredential(...script(clock.now()))
  const tokens = createTokenSource({
    credential,
    origin: 'https://graph.microsoft.us',
    clock,
    timeoutMs: 30_000,
  })
  return { clock, credential, tokens }
}

describe('createTokenSource', () => {
  it('asks for the scope of its own cloud and declares that it understands claims challenges', async () => {
    const { tokens, credential } = setUp()

    await expect(tokens.get(signal)).resolves.toBe('token-1')
    expect(credential.asked).toEqual([
      {
        scopes: 'https://graph.microsoft.us/.default',
        options: { enableCae: true, abortSignal: expect.any(AbortSignal) },
      },
    ])
  })

  it('asks once for everybody who waits', async () => {
    const { tokens, credential } = setUp()

    const got = await Promise.all([tokens.get(signal), tokens.get(signal), tokens.get(signal)])
    expect(got).toEqual(['token-1', 'token-1', 'token-1'])
    expect(credential.asked).toHaveLength(1)
  })

  it('asks again 5 minutes before the token expires, and not earlier', async () => {
    const { tokens, clock } = setUp((now) => [{ token: 'first', expiresOnTimestamp: now + 60 * MINUTE }])
    await tokens.get(signal)

    await clock.advance(55 * MINUTE - 1)
    await expect(tokens.get(signal)).resolves.toBe('first')
    await clock.advance(1)
    await expect(tokens.get(signal)).resolves.toBe('token-2')
  })

  it('asks again when the credential says so', async () => {
    const { tokens, clock } = setUp((now) => [
      { token: 'first', expiresOnTimestamp: now + 60 * MINUTE, refreshAfterTimestamp: now + 10 * MINUTE },
    ])
    await tokens.get(signal)

    await clock.advance(10 * MINUTE - 1)
    await expect(tokens.get(signal)).resolves.toBe('first')
    await clock.advance(1)
    await expect(tokens.get(signal)).resolves.toBe('token-2')
  })

  it('keeps a token that lives for 4 minutes for half of that', async () => {
    const { tokens, clock } = setUp((now) => [{ token: 'first', expiresOnTimestamp: now + 4 * MINUTE }])
    await tokens.get(signal)

    await clock.advance(2 * MINUTE - 1)
    await expect(tokens.get(signal)).resolves.toBe('first')
    await clock.advance(1)
    await expect(tokens.get(signal)).resolves.toBe('token-2')
  })

  it.each([-MINUTE, 0, Number.NaN])(
    'uses a token that expires in %d ms once, without asking in a loop',
    async (lifeMs) => {
      const { tokens, credential } = setUp((now) => [
        { token: 'expired', expiresOnTimestamp: now + lifeMs },
        { token: 'expired', expiresOnTimestamp: now + lifeMs },
      ])

      await expect(Promise.all([tokens.get(signal), tokens.get(signal)])).resolves.toEqual([
        'expired',
        'expired',
      ])
      expect(credential.asked).toHaveLength(1)
      await expect(tokens.get(signal)).resolves.toBe('expired')
      expect(credential.asked).toHaveLength(2)
    },
  )

  it('takes a clock that jumps ahead for a reason to ask, and one that jumps back for none', async () => {
    const { tokens, clock, credential } = setUp((now) => [
      { token: 'first', expiresOnTimestamp: now + 60 * MINUTE },
      { token: 'second', expiresOnTimestamp: now + 120 * MINUTE },
    ])
    await tokens.get(signal)

    clock.jump(60 * MINUTE)
    await expect(tokens.get(signal)).resolves.toBe('second')
    clock.jump(-60 * MINUTE)
    await expect(tokens.get(signal)).resolves.toBe('second')
    expect(credential.asked).toHaveLength(2)
  })

  describe('when a token is refused', () => {
    it('drops it and asks with the claims of the challenge, once', async () => {
      const { tokens, credential } = setUp()
      tokens.reject(await tokens.get(signal), '{"access_token":{}}')

      await expect(tokens.get(signal)).resolves.toBe('token-2')
      expect(credential.asked[1]?.options).toMatchObject({ claims: '{"access_token":{}}', enableCae: true })

      tokens.reject('token-2')
      await tokens.get(signal)
      expect(credential.asked[2]?.options).not.toHaveProperty('claims')
    })

    it('keeps the one that has taken its place', async () => {
      const { tokens, credential } = setUp()
      const first = await tokens.get(signal)
      tokens.reject(first)
      await tokens.get(signal)

      tokens.reject(first, '{"late":{}}')
      await expect(tokens.get(signal)).resolves.toBe('token-2')
      expect(credential.asked).toHaveLength(2)
    })

    it('keeps the claims until a token was given for them', async () => {
      const { tokens, credential } = setUp((now) => [
        { token: 'first', expiresOnTimestamp: now + 60 * MINUTE },
        new Error('outage'),
      ])
      tokens.reject(await tokens.get(signal), '{"claims":{}}')

      await expect(tokens.get(signal)).rejects.toThrow('outage')
      await expect(tokens.get(signal)).resolves.toBe('token-3')
      expect(credential.asked.map(({ options }) => options?.claims)).toEqual([
        undefined,
        '{"claims":{}}',
        '{"claims":{}}',
      ])
    })

    it('does not keep a token that was asked for before the challenge', async () => {
      const clock = createVirtualClock()
      const gates: ((token: string) => void)[] = []
      const asked: (string | undefined)[] = []
      const credential: TokenCredential = {
        getToken: (_, options) =>
          new Promise((resolve) => {
            asked.push(options?.claims)
            gates.push((token) => resolve({ token, expiresOnTimestamp: clock.now() + 60 * MINUTE }))
          }),
      }
      const tokens = createTokenSource({ credential, origin: 'https://x.example', clock, timeoutMs: 30_000 })
      const first = tokens.get(signal)
      gates[0]?.('first')
      await first
      await clock.advance(56 * MINUTE)
      const refreshed = tokens.get(signal)

      tokens.reject('first', '{"claims":{}}')
      const challenged = tokens.get(signal)
      gates[2]?.('with-claims')
      gates[1]?.('without-claims')

      await expect(refreshed).resolves.toBe('without-claims')
      await expect(challenged).resolves.toBe('with-claims')
      await expect(tokens.get(signal)).resolves.toBe('with-claims')
      expect(asked).toEqual([undefined, undefined, '{"claims":{}}'])
    })
  })

  describe('when the credential gives none', () => {
    it.each<[string, ScriptedToken, RegExp]>([
      ['rejects', new Error('outage'), /outage/],
      ['gives null', null, /null/],
      ['gives no string', JSON.parse('{"token":7}') as ScriptedToken, /cannot be sent/],
      ['gives a line break', { token: 'secret\n', expiresOnTimestamp: 1 }, /^(?!.*secret).*cannot be sent/],
    ])('rejects when it %s, and asks again the next time', async (_, given, message) => {
      const { tokens } = setUp(() => [given])

      await expect(tokens.get(signal)).rejects.toThrow(message)
      await expect(tokens.get(signal)).resolves.toBe('token-2')
    })

    it('rejects when it throws before it gives a promise', async () => {
      const credential: TokenCredential = {
        getToken() {
          throw new Error('broken')
        },
      }
      const tokens = createTokenSource({
        credential,
        origin: 'https://x.example',
        clock: createVirtualClock(),
        timeoutMs: 1,
      })

      await expect(tokens.get(signal)).rejects.toThrow('broken')
    })

    it('rejects when it never answers, aborts it, and leaves no timer', async () => {
      const { tokens, clock, credential } = setUp(() => ['never'])
      const outcome = vi.fn()
      tokens.get(signal).catch(outcome)

      await clock.advance(29_999)
      expect(outcome).not.toHaveBeenCalled()
      await clock.advance(1)
      expect(outcome).toHaveBeenCalledWith(
        expect.objectContaining({ message: expect.stringMatching(/30000 ms/) }),
      )
      expect(credential.asked[0]?.options?.abortSignal?.aborted).toBe(true)
      expect(clock.pendingTimers).toBe(0)
    })

    it('gives the old token while that is good, and leaves the credential alone for 30 seconds', async () => {
      const { tokens, clock, credential } = setUp((now) => [
        { token: 'first', expiresOnTimestamp: now + 60 * MINUTE },
        new Error('outage'),
        new Error('outage'),
        new Error('outage'),
      ])
      await tokens.get(signal)
      await clock.advance(55 * MINUTE)

      await expect(tokens.get(signal)).resolves.toBe('first')
      await clock.advance(29_999)
      await expect(tokens.get(signal)).resolves.toBe('first')
      expect(credential.asked).toHaveLength(2)
      await clock.advance(1)
      await expect(tokens.get(signal)).resolves.toBe('first')
      expect(credential.asked).toHaveLength(3)

      await clock.advance(4.5 * MINUTE)
      await expect(tokens.get(signal)).rejects.toThrow('outage')
    })
  })

  describe('when callers give up', () => {
    it('goes on for those who stay', async () => {
      const { tokens, clock, credential } = setUp(() => ['never'])
      const leaving = new AbortController()
      const left = tokens.get(leaving.signal)
      tokens.get(signal).catch(() => {})

      leaving.abort(new Error('left'))
      await expect(left).rejects.toThrow('left')
      expect(credential.asked[0]?.options?.abortSignal?.aborted).toBe(false)
      expect(clock.pendingTimers).toBe(1)
    })

    it('aborts the credential and its timer when the last one leaves, and asks anew for the next', async () => {
      const { tokens, clock, credential } = setUp(() => ['never'])
      const leaving = new AbortController()
      const left = [tokens.get(leaving.signal), tokens.get(leaving.signal)]

      leaving.abort(new Error('left'))
      await expect(Promise.allSettled(left)).resolves.toMatchObject([
        { reason: { message: 'left' } },
        { reason: { message: 'left' } },
      ])
      await clock.advance(0)
      expect(credential.asked[0]?.options?.abortSignal?.aborted).toBe(true)
      expect(clock.pendingTimers).toBe(0)
      await expect(tokens.get(signal)).resolves.toBe('token-2')
    })

    it('asks for nothing when the caller has given up before', async () => {
      const { tokens, credential } = setUp()

      await expect(tokens.get(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
      expect(credential.asked).toHaveLength(0)
    })
  })
})
