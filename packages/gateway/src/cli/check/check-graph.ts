import { createOperationsClient, type AccessToken } from '@teams-operations/core'
import type { Configuration } from '../configuration.ts'
import { reasonsOf, type Finding } from './finding.ts'

/**
 * Asks for the operations of a team that does not exist: nobody's operation is checked for it, and whoever may
 * read teams at all is told that there is none.
 */
export async function checkGraph(
  token: AccessToken,
  { cloud, graphOrigin, graphIdentity }: Pick<Configuration, 'cloud' | 'graphOrigin' | 'graphIdentity'>,
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
    const isForUsers = graphIdentity === 'user' && codeOf(error) === 'ACCESS_DENIED'
    if (isForUsers) return { what, isGood: true, lines: forUsers }
    return { what, ...judgeAnswer(error) }
  }
}

const forUsers = [
  'It lets the application read nothing of teams, which is not needed: each user reads with the permissions that',
  'were granted to the application on behalf of users.',
]

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code
}

function judgeAnswer(error: unknown): Pick<Finding, 'isGood' | 'lines'> {
  const code = codeOf(error)
  if ((error as { readonly status?: unknown }).status === 404) {
    return { isGood: true, lines: ['It knows no team with a random id, and says so (404): as it should.'] }
  }
  const advice = typeof code === 'string' ? advices.get(code) : undefined
  return { isGood: code === 'THROTTLED', lines: [...reasonsOf(error), ...(advice ?? otherAdvice)] }
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
