import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { beforeEach, expect, test } from 'vitest'
import {
  createUserCredential,
  type UserCredential,
  type UserToken,
} from '../../src/access/user-credential.ts'

let clock: VirtualClock
/** The tokens for which a credential was created. */
let created: string[]
let credential: UserCredential

/** A token that was issued, and is good, for so many minutes from the start of the test. */
function tokenOf(accessToken: string, issued: number | undefined, until: number): UserToken {
  const at = (minutes: number): number => startedAt + minutes * 60_000
  const issuedAt = issued === undefined ? undefined : at(issued)
  return { accessToken, principal: { id: 'ada', accessClass: 'a', issuedAt, expiresAt: at(until) } }
}

let startedAt: number

function start(first: UserToken): void {
  credential = createUserCredential(
    (token) => {
      created.push(token)
      return { getToken: async () => ({ token, expiresOnTimestamp: 0 }) }
    },
    first,
    clock,
  )
}

const used = async (): Promise<string | undefined> => (await credential.getToken('scope'))?.token

beforeEach(() => {
  clock = createVirtualClock()
  startedAt = clock.now()
  created = []
})

test('the newest token is used, also where one from before is good for longer', async () => {
  start(tokenOf('revoked', 0, 90))
  credential.replace(tokenOf('fresh', 10, 75))
  expect(await used()).toBe('fresh')
  // Another device has not heard of it yet.
  credential.replace(tokenOf('revoked', 0, 90))
  credential.replace(tokenOf('older', 5, 80))
  expect(await used()).toBe('fresh')
  expect(created).toEqual(['revoked', 'fresh'])
})

test('when the newest has expired, that is used which is good for longest', async () => {
  start(tokenOf('long', 0, 90))
  credential.replace(tokenOf('short', 10, 60))
  await clock.advance(60 * 60_000)
  expect(await used()).toBe('long')
  credential.replace(tokenOf('next', 60, 70))
  expect(await used()).toBe('next')
})

test('where it is not known when tokens were issued, the one that came last is the newest', async () => {
  start(tokenOf('first', undefined, 90))
  credential.replace(tokenOf('second', undefined, 75))
  expect(await used()).toBe('second')
  credential.replace(tokenOf('third', 5, 60))
  expect(await used()).toBe('third')
})

test('a token that comes again keeps its credential, which remembers what it was exchanged for', async () => {
  start(tokenOf('same', 0, 60))
  for (let i = 0; i < 3; i++) credential.replace(tokenOf('same', 0, 60))
  expect(created).toEqual(['same'])
})
