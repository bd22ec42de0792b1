import { describe, expect, test } from 'vitest'
import { resolveListenAddress, type LookupAll } from '../../src/access/listen-address.ts'

/** A name server for a few names; addresses are their own. */
const lookup: LookupAll = async (host) =>
  ({
    localhost: [{ address: '::1' }, { address: '127.0.0.1' }],
    'laptop.example': [{ address: '192.168.1.20' }],
    'both.example': [{ address: '127.0.0.1' }, { address: '192.168.1.20' }],
    'nothing.example': [],
  })[host] ?? [{ address: host }]

describe('the address to listen on', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.8.8.8', '127.8.8.8'],
    ['::1', '::1'],
    ['::ffff:127.0.0.1', '::ffff:127.0.0.1'],
    ['localhost', '::1'],
  ])('for %s is %s', async (host, address) => {
    expect(await resolveListenAddress(host, { lookup, isAuthenticated: false })).toBe(address)
  })

  test.each([
    ['0.0.0.0', 'every network interface'],
    ['::', 'every network interface'],
    ['192.168.1.20', 'got 192.168.1.20.'],
    ['::ffff:10.0.0.1', 'got ::ffff:10.0.0.1.'],
    ['fe80::1', 'got fe80::1.'],
    ['laptop.example', 'got laptop.example, which is 192.168.1.20'],
    ['both.example', 'got both.example, which is 192.168.1.20'],
  ])('is refused for %s, which others can reach, with the reason', async (host, reason) => {
    const refused = expect(resolveListenAddress(host, { lookup, isAuthenticated: false })).rejects
    await refused.toMatchObject({ code: 'REACHABLE_ADDRESS' })
    await refused.toThrow(reason)
    await refused.toThrow('There is no authentication')
  })

  test.each(['0.0.0.0', '::', '192.168.1.20'])('may be %s where clients prove who they are', async (host) => {
    expect(await resolveListenAddress(host, { lookup, isAuthenticated: true })).toBe(host)
  })

  test('is refused for a name without any', async () => {
    await expect(resolveListenAddress('nothing.example', { lookup, isAuthenticated: true })).rejects.toThrow(
      'which has no address',
    )
  })
})
