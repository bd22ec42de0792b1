import { expect, test } from 'vitest'
import { tellingCredential } from '../../src/cli/telling-credential.ts'

test('tells of each token, and why there was none, and changes neither', async () => {
  const told: unknown[] = []
  const listener = {
    onToken: (token: string) => told.push(token),
    onFailed: (error: unknown) => told.push(error),
  }
  const token = { token: 'secret', expiresOnTimestamp: 0 }
  const good = tellingCredential({ getToken: () => Promise.resolve(token) }, listener)
  expect(await good.getToken('scope')).toBe(token)
  const why = new Error('AADSTS7000222')
  const bad = tellingCredential({ getToken: () => Promise.reject(why) }, listener)
  await expect(bad.getToken('scope')).rejects.toBe(why)
  expect(told).toEqual(['secret', why])
  // Nobody waits for it any more.
  await expect(bad.getToken('scope', { abortSignal: AbortSignal.abort() })).rejects.toBe(why)
  expect(told).toHaveLength(2)
})
