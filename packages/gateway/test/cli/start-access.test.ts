import { archiveTeam } from '@teams-operations/core'
import { describe, expect, test } from 'vitest'
import { readConfiguration } from '../../src/cli/configuration.ts'
import { startAccess } from '../../src/cli/start-access.ts'
import type { RequestedStart } from '../../src/resolvers/start-access.ts'

const entra = ['--auth', 'entra', '--entra-tenant-id', 'aaaaaaaa-1111-4111-8111-111111111111']
const teamId = 'bbbbbbbb-1111-4111-8111-111111111111'
const start: RequestedStart = {
  method: 'archiveTeam',
  teamId,
  request: archiveTeam(teamId),
}

/** Whether somebody with such a token may start something. */
async function mayStart(
  flags: string,
  claims: Readonly<Record<string, unknown>> | undefined,
): Promise<unknown> {
  const args = [...entra, '--entra-audience', 'api://teams-operations', ...flags.split(' ')]
  const access = startAccess(await readConfiguration(args, {}))
  return typeof access === 'function' ? access({ id: 'ada', accessClass: 'a', claims }, start) : access
}

test('without anything required, whoever may use the gateway may start operations, where that is allowed', async () => {
  expect(await mayStart('--allow-start', undefined)).toBe(true)
  expect(await mayStart('--production', undefined)).toBe(false)
})

describe('with scopes and roles required, those may start operations who have', () => {
  const flags =
    '--allow-start --start-scope Operations.Start --start-scope Operations.Read --start-role Operations.Start.All'

  test.each<[string, boolean, object | undefined]>([
    ['all of the scopes', true, { scp: 'Operations.Read Operations.Start' }],
    ['the role', true, { roles: ['Operations.Start.All'] }],
    ['no more than it takes to read', false, { scp: 'Operations.Read' }],
    ['another role', false, { roles: ['Operations.Read.All'] }],
    ['the role as a scope', false, { scp: 'Operations.Start.All' }],
    ['nothing', false, {}],
    ['no claims', false, undefined],
  ])('%s: %s', async (_, may, claims) => {
    expect(await mayStart(flags, claims as Readonly<Record<string, unknown>>)).toBe(may)
  })
})
