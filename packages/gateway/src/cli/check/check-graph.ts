import {
  createOperationsClient,
  fetchTransport,
  type AccessToken,
  type GraphResponse,
  type Transport,
} from '@teams-operations/core'
import { isAnswerOfGraph } from '../../server/answer-of-graph.ts'
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
  let response: GraphResponse | undefined
  const { send } = fetchTransport()
  const transport: Transport = {
    send: async (request, signal) => (response = await send(request, signal)),
  }
  await using operations = createOperationsClient({
    credential: { getToken: async () => token },
    transport,
    cloud,
    graphOrigin,
  })
  try {
    for await (const _ of operations.list({ teamId: crypto.randomUUID() })) break
    return { what, ...judgeAnswer(response, []) }
  } catch (error) {
    return { what, ...judgeAnswer(response, reasonsOf(error), graphIdentity) }
  }
}

/** @param said what the client made of it */
function judgeAnswer(
  response: GraphResponse | undefined,
  said: readonly string[],
  graphIdentity?: Configuration['graphIdentity'],
): Pick<Finding, 'isGood' | 'lines'> {
  if (!response) return { isGood: false, lines: [...said, unreachable] }
  const { status } = response
  if (status < 500 && !isAnswerOfGraph(response)) {
    return { isGood: false, lines: [...said, ...anotherProgram(status)] }
  }
  if (said.length === 0) return { isGood: true, lines: ['It answered.'] }
  if (status === 403 && graphIdentity === 'user') return { isGood: true, lines: forUsers }
  const { isGood = false, advice } = judgements.get(status) ?? { advice: otherAdvice }
  return { isGood, lines: isGood ? advice : [...said, ...advice] }
}

const unreachable =
  'It cannot be reached from here. Look at the name server, the firewall, and a proxy if there is one.'

const anotherProgram = (status: number): readonly string[] => [
  `What answers there (${status}) is not Microsoft Graph, whose answers have a request-id, and an error with a code.`,
  'Look at --graph-origin, and at a proxy if there is one.',
]

const forUsers = [
  'It lets the application read nothing of teams, which is not needed: each user reads with the permissions that',
  'were granted to the application on behalf of users.',
]

interface Judgement {
  readonly isGood?: boolean
  readonly advice: readonly string[]
}

/** By the status of an answer of Graph. */
const judgements: ReadonlyMap<number, Judgement> = new Map([
  [404, { isGood: true, advice: ['It knows no team with a random id, and says so (404): as it should.'] }],
  [
    429,
    {
      isGood: true,
      advice: ['It is there and takes the token, but has too many requests of this app at the moment (429).'],
    },
  ],
  [
    401,
    {
      advice: [
        'The token is not good for this Graph (401). Is it of this cloud (--cloud), for Microsoft Graph, and not',
        'expired? After a change of the app it takes a while.',
      ],
    },
  ],
  [
    403,
    {
      advice: [
        'The app may not read teams (403). Microsoft names no permission for the operations of teams: an app that',
        'may start them can follow them. Grant it what it starts them with, such as Team.Create,',
        'TeamSettings.ReadWrite.All or ChannelSettings.ReadWrite.All, and Chat.ReadBasic.All for chats, with the',
        'consent of an administrator, and ask for a new token.',
      ],
    },
  ],
])

const otherAdvice = ['That is not what it should answer. Try again, and look at the health of Microsoft 365.']
