import type { BusyOperation, Simulator } from '../index.ts'

const token = 'Authorization: Bearer any'

/** What to do next, to be pasted. Adds a team to try it on. */
export function startText(simulator: Simulator, origin: string, running: readonly BusyOperation[]): string {
  const team = simulator.tenant.addTeam({ displayName: 'A team to archive' })
  const lines = [
    `A simulated Microsoft Graph is at ${origin}`,
    '',
    'Archive a team, then read the Location that comes back:',
    `  curl -i -X POST ${origin}/v1.0/teams/${team.id}/archive -H '${token}'`,
  ]
  if (running.length > 0) {
    lines.push('', 'Running, and started again when done:')
    for (const { story, operation } of running) {
      const version = operation.identity.ownerKind === 'chat' ? 'beta' : 'v1.0'
      lines.push(`  ${story.padEnd(10)} curl -H '${token}' "${origin}/${version}${operation.location}"`)
    }
  }
  return [...lines, '', 'Ctrl-C stops it.'].join('\n')
}
