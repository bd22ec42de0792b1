import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_RETRY_AFTER_MS } from '../../src/graph/retry-after.ts'
import { connect, operationBody, teamRef } from './connect.ts'

const status = fc.integer({ min: 200, max: 599 })
const headers = fc.record(
  {
    'Retry-After': fc.oneof(fc.integer().map(String), fc.stringMatching(/^[ -~]{0,20}$/)),
    'WWW-Authenticate': fc.stringMatching(/^Bearer claims="[\w+/=]{0,40}"$/),
    Date: fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      fc.stringMatching(/^[ -~]{0,20}$/),
    ),
    'request-id': fc.uuid(),
  },
  { requiredKeys: [] },
)
const operation = fc
  .record({ status: fc.constantFrom('notStarted', 'inProgress', 'succeeded', 'new') })
  .map(operationBody)
const error = fc.record({
  error: fc.oneof(fc.jsonValue(), fc.record({ code: fc.string(), innerError: fc.jsonValue() })),
})
const body = fc.oneof(operation, error, fc.jsonValue(), fc.string())
const items = fc.array(
  fc.record(
    { id: fc.oneof(fc.integer({ min: 0, max: 21 }).map(String), fc.jsonValue()), status, headers, body },
    { requiredKeys: [] },
  ),
)

describe('reading operations', () => {
  it('gives one answer to each, of a known kind, whatever Graph sends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        status,
        headers,
        fc.oneof(body, fc.record({ responses: items })),
        async (count, answerStatus, answerHeaders, answerBody) => {
          const { graph, clock, requests, signal } = connect([
            { status: answerStatus, headers: answerHeaders, body: answerBody },
          ])
          const refs = Array.from({ length: count }, (_, index) => teamRef(index))

          const answers = await graph.read(refs, signal)

          expect(answers).toHaveLength(count)
          for (const answer of answers) {
            expect(['operation', 'unusable', 'refused']).toContain(answer.kind)
            if (answer.kind !== 'refused') continue
            expect(answer.status < 200 || answer.status > 299).toBe(true)
            const { retryAfterMs = 1 } = answer
            expect(retryAfterMs >= 1 && retryAfterMs <= MAX_RETRY_AFTER_MS).toBe(true)
          }
          expect(requests).toHaveLength(1)
          expect(clock.pendingTimers).toBe(0)
        },
      ),
    )
  })
})
