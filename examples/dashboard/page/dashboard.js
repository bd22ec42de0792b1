import { createClient } from './graphql-ws/client.js'

/** How many operations that have ended stay on the page. */
const KEPT = 20

const followed = 'subscription { followedOperations { location } }'
const watched = `subscription ($ref: TeamsAsyncOperationRef!) {
  teamsAsyncOperation(ref: $ref, everyCheck: true) {
    location operationType status isTerminal createdDateTime error { code message }
    polling { revision checks nextCheckDateTime problem { message } }
  }
}`

const byId = (id) => document.getElementById(id)
const connection = byId('connection')
const form = byId('start')
const rows = byId('operations')

/** The newest state of each operation, by its location. */
const states = new Map()
const names = new Map()

// One socket for everything. It comes back by itself, for as long as it takes, and then the current states do.
// Without `shouldRetry` it would give up at the first attempt that finds nobody listening.
const client = createClient({
  url: new URL('/graphql', location.href.replace(/^http/, 'ws')).href,
  retryAttempts: Infinity,
  shouldRetry: () => true,
  on: {
    connected: () => showConnection('live', true),
    closed: () => showConnection('reconnecting', false),
  },
})

function showConnection(text, isLive) {
  connection.textContent = text
  connection.dataset.live = String(isLive)
}

/** What others follow as well: each of them to its end, which `followedOperations` does not tell of. */
client.subscribe(
  { query: followed },
  {
    next: ({ data }) => {
      for (const { location: ref } of data?.followedOperations ?? []) watch({ location: ref })
    },
    error: (error) => showConnection(String(error), false),
    complete: () => {},
  },
)

/** @param ref what a mutation has answered, or what is followed */
function watch(ref) {
  if (states.has(ref.location)) return
  states.set(ref.location, undefined)
  client.subscribe(
    { query: watched, variables: { ref } },
    {
      next: ({ data, errors }) => {
        if (data) states.set(ref.location, data.teamsAsyncOperation)
        else lose(ref, errors)
        render()
      },
      error: (errors) => lose(ref, errors),
      complete: () => {},
    },
  )
}

/** It can't be followed: the last that is known of it stays. */
function lose({ location: ref }, errors) {
  const last = states.get(ref)
  const message = Array.isArray(errors) ? errors.map((error) => error.message).join(' ') : String(errors)
  if (last) states.set(ref, { ...last, isTerminal: true, error: { code: null, message } })
  else states.delete(ref)
  render()
}

function render() {
  const known = [...states.values()]
    .filter(Boolean)
    .toSorted((a, b) => (a.createdDateTime < b.createdDateTime ? 1 : -1))
  const ended = known.filter(({ isTerminal }) => isTerminal)
  for (const { location: old } of ended.slice(KEPT)) states.delete(old)
  byId('summary').textContent = summarize(known)
  rows.replaceChildren(...known.filter((state) => states.has(state.location)).map(rowFor))
}

function summarize(known) {
  const count = (status) => known.filter((state) => state.status === status).length
  return `${count('IN_PROGRESS') + count('NOT_STARTED')} under way, ${count('SUCCEEDED')} succeeded, ${count('FAILED')} failed`
}

function rowFor(state) {
  const { location: ref, operationType, status, error, polling } = state
  const row = document.createElement('tr')
  row.dataset.status = status
  row.dataset.location = ref
  const wrong = error ? [error.code, error.message].filter(Boolean).join(': ') : polling.problem?.message
  for (const text of [
    words(operationType),
    ownerOf(ref),
    words(status),
    String(polling.checks),
    untilNextCheck(polling.nextCheckDateTime),
    wrong ?? '',
  ]) {
    row.append(Object.assign(document.createElement('td'), { textContent: text }))
  }
  return row
}

const words = (member) => member.toLowerCase().replaceAll('_', ' ')

function ownerOf(ref) {
  const [, id = ref] = /\('([^']+)'\)/.exec(ref) ?? []
  return names.get(id) ?? id
}

function untilNextCheck(moment) {
  if (moment === null) return ''
  return `in ${Math.max(0, Math.round((Date.parse(moment) - Date.now()) / 1_000))} s`
}

setInterval(render, 1_000)

for (const { id, displayName } of await (await fetch('/teams.json')).json()) {
  names.set(id, displayName)
  form.elements.team.append(new Option(displayName, id))
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  start(event.submitter.value, form.elements.team.value)
    .then((ref) => {
      byId('started').textContent = 'Started.'
      watch(ref)
    })
    .catch(({ message }) => (byId('started').textContent = message))
})

/** Over HTTP: what comes back by itself, such as the socket, must not start anything again. */
async function start(field, teamId) {
  const query = `mutation ($teamId: ID!) { started: ${field}(teamId: $teamId) { ref { location } } }`
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables: { teamId } }),
  })
  const { data, errors } = await response.json()
  if (errors) throw new Error(errors.map(({ message }) => message).join(' '))
  return data.started.ref
}
