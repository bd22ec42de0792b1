import { createVirtualClock } from '@teams-operations/core/testing'
import { expect, test, vi } from 'vitest'
import { createAuthorization } from '../../src/access/authorization.ts'
import { createIdentities } from '../../src/access/identities.ts'
import { asApplication } from '../../src/access/operations-source.ts'
import { scriptedOperations } from '../scripted-operations.ts'

test('who proved who they are with what has expired since is nobody', async () => {
  const clock = createVirtualClock()
  const accessClass = vi.fn(() => 'everybody')
  const identities = createIdentities({
    authenticator: {
      authenticate: async () => ({ id: 'ada', accessClass: 'a', expiresAt: clock.now() + 10_000 }),
    },
    authorization: createAuthorization({ accessClass }, { allowStart: false, clock, onRefused: () => {} }),
    source: asApplication(scriptedOperations().client),
    clock,
    random: () => 0,
    onRefused: () => {},
    onUnexpectedError: () => {},
  })
  const proof = await identities.prove({})
  await clock.advance(10_000)
  expect(() => identities.open(proof)).toThrow(expect.objectContaining({ reason: 'expired' }))
  accessClass.mockClear()
  identities.revalidate()
  // Nobody is there to be asked about.
  expect(accessClass).not.toHaveBeenCalled()
  expect(clock.pendingTimers).toBe(0)
})
