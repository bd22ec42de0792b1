import { createSimulator, isCheck, serverError, times, when } from '@teams-operations/simulator'

const { fetch, origin, tenant, clock, journal, use } = createSimulator()
const team = tenant.addTeam({ displayName: 'Sales' })
use(when(isCheck, times(1, serverError(503))))

const headers = { authorization: 'Bearer any', prefer: 'include-unknown-enum-members' }
const accepted = await fetch(`${origin}/v1.0/teams/${team.id}/archive`, { method: 'POST', headers })
const check = () => fetch(`${origin}/v1.0${accepted.headers.get('location')}`, { headers })

console.log((await check()).status) // 503
await clock.advance(20_000) // virtual time: it is over at once
console.log((await (await check()).json()).status) // succeeded
console.log(journal.violations('check-too-early').length) // 1: it came after 20 seconds
