import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseBatch } from '../../src/routes/batch.ts'
import { clientOf, itemsOf, unlimited } from '../test-client.ts'

const base = 'https://graph.simulator.example/v1.0'

it('whatever a batch contains, it is either refused or every id in it is answered once', async () => {
  const ids = fc.uniqueArray(fc.string({ minLength: 1 }), {
    maxLength: 25,
    selector: (id) => id.toLowerCase(),
  })
  await fc.assert(
    fc.asyncProperty(ids, fc.array(fc.nat(24)), async (all, links) => {
      const requests = all.map((id, index) => {
        const dependency = all[(links[index] ?? index) % all.length]
        return {
          id,
          method: 'GET',
          url: '/me/joinedTeams',
          dependsOn: dependency === id || dependency === undefined ? [] : [dependency],
        }
      })
      const simulator = unlimited()
      const answer = await clientOf(simulator).batch('v1.0', requests)
      if (answer.status === 400) return
      expect(new Set((await itemsOf(Promise.resolve(answer))).keys())).toEqual(new Set(all))
      expect(all.length).toBeLessThanOrEqual(20)
    }),
  )
})

it('no text makes the parser throw, and nothing leaves the origin and version of the batch', () => {
  const url = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc.constantFrom('/..', '/%2e%2e/beta', '\\\\host\\x', '/./x', '/\t//host'),
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        url.map((each) => JSON.stringify({ requests: [{ id: '1', method: 'GET', url: each }] })),
      ),
      (text) => {
        for (const { request } of parseBatch(text, base).items) {
          expect(request.url.href.startsWith(`${base}/`)).toBe(true)
        }
      },
    ),
  )
})
