import {
  createOperationsClient,
  resolveGraphOrigin,
  systemClock,
  type AccessToken,
} from '@teams-operations/core'
import type { Configuration } from './configuration.ts'
import { credentialFor } from './credential.ts'
import { describeToken, type TokenDescription } from './token-description.ts'

export interface CheckResult {
  /** What was found, for people. Not without what an error said, so to be kept free of secrets. */
  readonly text: string
  readonly isGood: boolean
}

interface Finding {
  readonly what: string
  readonly isGood: boolean
  /** What was found, and what to do about it. */
  readonly lines: readonly string[]
}

/** Tries what the gateway needs to serve, and says what is missing. Changes nothing, and reads nothing of anybody. */
export async function check(configuration: Configuration): Promise<CheckResult> {
  if (configuration.simulate) {
    return { isGood: true, text: 'A simulated Microsoft Graph needs no credential, and is always there.' }
  }
  const origin = resolveGraphOrigin(configuration)
  const { finding, token } = await checkCredential(configuration, origin)
  const findings = token ? [finding, await checkGraph(token, configuration, origin)] : [finding]
  const isGood = findings.every((each) => each.isGood)
  const conclusion = isGood ? 'Ready to serve.' : 'Not ready to serve.'
  return { isGood, text: `${findings.map(textOf).join('\n')}\n\n${conclusion}` }
}

function textOf({ what, isGood, lines }: Finding): string {
  return `${isGood ? 'ok     ' : 'missing'}  ${what}\n${lines.map((line) => `           ${line}`).join('\n')}`
}

async function checkCredential(
  configuration: Configuration,
  origin: string,
): Promise<{ readonly finding: Finding; readonly token?: AccessToken }> {
  const what = `A token for ${origin}`
  const from = configuration.graphToken === undefined ? 'DefaultAzureCredential' : 'GRAPH_TOKEN'
  try {
    const credential = await credentialFor(configuration)
    const token = await withinTime((abortSignal) =>
      credential.getToken(`${origin}/.default`, { abortSignal }),
    )
    if (!token) throw new Error('The credential gave none')
    const lines = [`From ${from}.`, ...describe(token, origin)]
    if (token.expiresOnTimestamp <= systemClock.now()) {
      return { finding: { what, isGood: false, lines: [...lines, 'It has expired: take a new one.'] } }
    }
    return { finding: { what, isGood: true, lines }, token }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const lines = [`${from} gives none:`, ...message.trim().split('\n'), ...credentialAdvice]
    return { finding: { what, isGood: false, lines } }
  }
}

/** Credentials that look for a service on the network may look for long. */
async function withinTime<Answer>(ask: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
  const giveUp = new AbortController()
  const late = new Promise<never>((_, reject) => {
    giveUp.signal.addEventListener('abort', () => reject(giveUp.signal.reason))
  })
  const cancelTimer = systemClock.timer(TOKEN_TIMEOUT_MS, () =>
    giveUp.abort(new Error(`There was no answer within ${TOKEN_TIMEOUT_MS / 1000} seconds`)),
  )
  try {
    return await Promise.race([ask(giveUp.signal), late])
  } finally {
    cancelTimer()
  }
}

const TOKEN_TIMEOUT_MS = 60_000

const credentialAdvice = [
  'Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH) of an app',
  'registration, run where there is a managed or workload identity, or sign in with az login.',
]

/** The id of Microsoft Graph itself, which tokens may name in place of its origin. */
const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000'

function describe(token: AccessToken, origin: string): readonly string[] {
  const description = describeToken(token.token)
  if (!description) return []
  const { audience, permissions } = description
  const isForGraph = audience === undefined || audience === GRAPH_APP_ID || audience.startsWith(origin)
  return [
    whose(description),
    permissions.length > 0
      ? `Granted: ${permissions.toSorted().join(', ')}.`
      : 'Granted: nothing. Give the app permissions of Microsoft Graph, with the consent of an administrator.',
    ...(isForGraph ? [] : [`It is for ${audience}, not for ${origin}: Graph will refuse it.`]),
  ]
}

function whose({ app, tenant, user }: TokenDescription): string {
  const actsFor = user === undefined ? '' : `, for ${user}`
  return `Of the app ${app ?? 'unknown'} in the tenant ${tenant ?? 'unknown'}${actsFor}.`
}

/**
 * Asks for the operations of a team that does not exist: nobody's operation is checked for it, and whoever may
 * read teams at all is told that there is none.
 */
async function checkGraph(
  token: AccessToken,
  { cloud, graphOrigin }: Configuration,
  origin: string,
): Promise<Finding> {
  const what = `${origin} takes it`
  await using operations = createOperationsClient({
    credential: { getToken: async () => token },
    cloud,
    graphOrigin,
  })
  try {
    for await (const _ of operations.list({ teamId: crypto.randomUUID() })) break
    return { what, isGood: true, lines: ['It answered.'] }
  } catch (error) {
    const { isGood, lines } = judgeAnswer(error)
    return { what, isGood, lines }
  }
}

function judgeAnswer(error: unknown): Pick<Finding, 'isGood' | 'lines'> {
  const { code, status } = error as { readonly code?: unknown; readonly status?: unknown }
  if (status === 404) {
    return { isGood: true, lines: ['It knows no team with a random id, and says so (404): as it should.'] }
  }
  const advice = typeof code === 'string' ? advices.get(code) : undefined
  return { isGood: code === 'THROTTLED', lines: [...reasonsOf(error), ...(advice ?? otherAdvice)] }
}

/** The message, and what `fetch` has to say beyond that it failed. */
function reasonsOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)]
  let origin: Error = error
  while (origin.cause instanceof Error) origin = origin.cause
  return origin === error ? [error.message] : [error.message, `${origin.message}.`]
}

const advices: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'AUTHENTICATION',
    [
      'The token is not good for this Graph (401). Is it of this cloud (--cloud), for Microsoft Graph, and not',
      'expired? After a change of the app it takes a while.',
    ],
  ],
  [
    'ACCESS_DENIED',
    [
      'The app may not read teams (403). Microsoft names no permission for the operations of teams: an app that',
      'may start them can follow them. Grant it what it starts them with, such as Team.Create,',
      'TeamSettings.ReadWrite.All or ChannelSettings.ReadWrite.All, and Chat.ReadBasic.All for chats, with the',
      'consent of an administrator, and ask for a new token.',
    ],
  ],
  [
    'THROTTLED',
    ['It is there and takes the token, but has too many requests of this app at the moment (429).'],
  ],
  [
    'CONNECTION',
    ['It can not be reached from here. Look at the name server, the firewall, and a proxy if there is one.'],
  ],
])

const otherAdvice = ['That is not what it should answer. Try again, and look at the health of Microsoft 365.']
