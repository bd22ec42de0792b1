import { keyOf } from '../model/resource-id.ts'
import { startChangeTeam, startCloneTeam, startCreateTeam } from '../model/start-operation.ts'
import { isArchived, isThere, type Team } from '../model/team.ts'
import type { Reply } from '../reply.ts'
import { accepted } from './accepted.ts'
import { collection, contextSuffix, selectedProperties, selectFrom } from './collection.ts'
import { badRequest, GraphError, jsonBody } from './graph-error.ts'
import { arrayIn, textIn } from './request-body.ts'
import { contextOf, ofTeam, ok, teamOf, type Route, type RouteCall } from './route.ts'

/** Reading teams, and starting what creates or changes one. */
export const teamRoutes: readonly Route[] = [
  { name: 'team', kind: 'read', method: 'GET', paths: ofTeam(''), limit: 'getTeam', handle: readTeam },
  {
    name: 'joinedTeams',
    kind: 'read',
    method: 'GET',
    paths: ['me/joinedTeams', 'users/{userId}/joinedTeams'],
    limit: 'getTeam',
    handle: listTeams,
  },
  {
    name: 'createTeam',
    kind: 'start',
    method: 'POST',
    paths: ['teams'],
    limit: 'createTeam',
    handle: createTeam,
  },
  {
    name: 'cloneTeam',
    kind: 'start',
    method: 'POST',
    paths: ofTeam('/clone'),
    limit: 'cloneTeam',
    handle: cloneTeam,
  },
  {
    name: 'archiveTeam',
    kind: 'start',
    method: 'POST',
    paths: ofTeam('/archive'),
    limit: 'other',
    handle: (call) => changeTeam(call, 'archiveTeam'),
  },
  {
    name: 'unarchiveTeam',
    kind: 'start',
    method: 'POST',
    paths: ofTeam('/unarchive'),
    limit: 'other',
    handle: (call) => changeTeam(call, 'unarchiveTeam'),
  },
]

function teamJson(team: Team): Readonly<Record<string, unknown>> {
  return {
    id: team.id,
    createdDateTime: team.createdDateTime,
    displayName: team.displayName,
    description: team.description,
    visibility: team.visibility,
    isArchived: isArchived(team),
  }
}

function readTeam(call: RouteCall): Reply {
  const select = selectedProperties(call)
  const json = selectFrom(teamJson(teamOf(call)), select)
  return ok({ '@odata.context': contextOf(call, `teams${contextSuffix(select)}/$entity`), ...json })
}

function listTeams(call: RouteCall): Reply {
  return collection(call, [...call.tenant.teams.values()].filter(isThere), teamJson, { context: 'teams' })
}

const template = 'template@odata.bind'
const group = 'group@odata.bind'

function createTeam(call: RouteCall): Reply {
  const body = jsonBody(call.exchange)
  const boundGroup = textIn(body, group)
  if (textIn(body, template) === undefined && boundGroup === undefined) {
    throw badRequest(`Invalid bind property name: expected '${template}' or '${group}' in the request.`)
  }
  const displayName = textIn(body, 'displayName')
  if (displayName === undefined && boundGroup === undefined)
    throw badRequest('Team display name cannot be null or empty.')
  arrayIn(body, 'members')
  const id = boundGroup === undefined ? call.tenant.newGuid() : idInBind(boundGroup)
  const existing = call.tenant.team(id)
  if (existing && (isThere(existing) || existing.createdBy?.isSettled !== true)) {
    throw new GraphError(409, 'Conflict', 'Team already exists or its provisioning is already in progress.')
  }
  const operation = startCreateTeam(call.tenant, {
    id,
    displayName,
    description: textIn(body, 'description'),
    visibility: visibilityIn(body, 'public'),
  })
  return accepted(operation, 'quoted', {
    'content-type': 'application/json',
    'content-location': `/teams('${id}')`,
  })
}

const clonableParts: ReadonlySet<string> = new Set(['apps', 'tabs', 'settings', 'channels', 'members'])

function cloneTeam(call: RouteCall): Reply {
  const source = teamOf(call)
  const body = jsonBody(call.exchange)
  const displayName = textIn(body, 'displayName')
  if (displayName === undefined) throw badRequest('Team display name cannot be null or empty.')
  const parts = textIn(body, 'partsToClone')?.split(',') ?? []
  const unknownPart = parts.find((part) => !clonableParts.has(part.trim().toLowerCase()))
  if (parts.length === 0 || unknownPart !== undefined) {
    throw badRequest(
      `Invalid value for partsToClone: '${unknownPart ?? ''}'. Expected ${[...clonableParts].join(', ')}.`,
    )
  }
  const operation = startCloneTeam(call.tenant, source, {
    id: call.tenant.newGuid(),
    displayName,
    description: textIn(body, 'description') ?? source.description,
    visibility: visibilityIn(body, source.visibility),
  })
  return accepted(operation, 'bare', { 'content-type': 'text/plain' })
}

function changeTeam(call: RouteCall, operationType: 'archiveTeam' | 'unarchiveTeam'): Reply {
  const team = teamOf(call)
  const flag = jsonBody(call.exchange)['shouldSetSpoSiteReadOnlyForMembers']
  if (flag !== undefined && flag !== null && typeof flag !== 'boolean') {
    throw badRequest(
      `Cannot convert the literal '${JSON.stringify(flag)}' to the expected type 'Edm.Boolean'.`,
    )
  }
  return accepted(startChangeTeam(call.tenant, operationType, team), 'quoted')
}

function visibilityIn(body: Readonly<Record<string, unknown>>, fallback: string): string {
  const visibility = textIn(body, 'visibility')?.toLowerCase() ?? fallback
  if (visibility === 'private' || visibility === 'public' || visibility === 'hiddenmembership')
    return visibility
  throw badRequest(`Requested value '${visibility}' was not found for visibility.`)
}

/** The identifier in a reference such as `https://…/v1.0/groups('{id}')` or `…/groups/{id}`. */
function idInBind(reference: string): string {
  const match = /\/groups(?:\('([^']+)'\)|\/([^/?]+))$/.exec(reference)
  const id = match?.[1] ?? match?.[2]
  if (id === undefined) throw badRequest(`Invalid value for ${group}: '${reference}'.`)
  return keyOf(id)
}
