import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { clientOf, jsonOf, unlimited } from './test-client.ts'

/** Real answers of Microsoft Graph, where they are at hand. */
const folder =
  process.env['GRAPH_RECORDINGS'] ?? path.resolve(import.meta.dirname, '../../../../shared/graph-recordings')

interface RecordedResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Readonly<Record<string, string | number | null>>
}

interface RecordedRun {
  readonly name: string
  readonly responses: readonly RecordedResponse[]
}

function recordedRuns(): readonly RecordedRun[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  return files.flatMap(
    (file) => (JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { runs: RecordedRun[] }).runs,
  )
}

const isThere = existsSync(folder)
// A name that says why, because a skipped test says nothing else.
const runs = isThere ? recordedRuns() : [{ name: `(no recordings in ${folder})`, responses: [] }]

describe.skipIf(!isThere)('the simulator answers as recorded', () => {
  it.each(runs)('$name', async ({ responses }) => {
    const simulator = unlimited()
    const { get, post } = clientOf(simulator)
    let location = ''
    let compared = 0
    for (const [index, { status, headers, body }] of responses.entries()) {
      if (typeof body === 'string') {
        const [, team = ''] = /^\/teams\('([^']+)'\)/.exec(headers['location'] ?? '') ?? []
        if (!simulator.tenant.team(team)) simulator.tenant.addTeam({ id: team })
        // What was started shows in the answer after it.
        const verb = JSON.stringify(responses[index + 1]?.body).includes('unarchiveTeam')
          ? 'unarchive'
          : 'archive'
        const accepted = await post(`/v1.0/teams/${team}/${verb}`)
        expect([accepted.status, await accepted.text()]).toEqual([status, body])
        expect([...accepted.headers.keys()]).toEqual(expect.arrayContaining(Object.keys(headers)))
        location = accepted.headers.get('location') ?? ''
        expect(shapeOf(location)).toBe(shapeOf(headers['location'] ?? ''))
        continue
      }
      const operation = simulator.tenant.operation(location)
      if (body['status'] === 'succeeded') operation?.succeed()
      const answer = await get(`/v1.0${location}`)
      expect(answer.status).toBe(status)
      expect([...answer.headers.keys()]).toEqual(expect.arrayContaining(Object.keys(headers)))
      const json = await jsonOf(Promise.resolve(answer))
      // JSON keeps the order of properties, so the texts compare that as well.
      expect(shapeOf(JSON.stringify(json))).toBe(shapeOf(JSON.stringify(body)))
      compared += 1
    }
    expect(compared).toBeGreaterThan(0)
  })
})

/** What is left when all that differs from tenant to tenant and from moment to moment is made the same. */
function shapeOf(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '{guid}')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{4,7}Z/g, '{time}')
    .replaceAll(/https:\/\/graph\.(?:microsoft\.com|simulator\.example)/g, '{origin}')
    .replaceAll(/(?:uksouth|westeurope|northeurope)/g, '{region}')
}
