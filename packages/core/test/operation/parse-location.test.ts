import { describe, expect, it } from 'vitest'
import { InvalidLocationError } from '../../src/operation/invalid-location-error.ts'
import { parseLocation } from '../../src/operation/parse-location.ts'

const origin = 'https://graph.microsoft.com'
const team = 'd40d729b-df60-4b57-ac8f-102595090e0a'
const operation = '6aba218b-509e-42e2-b8fe-1a3dbc8a7cd0'
const chat = '19:b76ae3e9-4d6b-4c0b-8e3a-1d2f3a4b5c6d_d40d729b-df60-4b57-ac8f-102595090e0a@unq.gbl.spaces'
const ofTeam = `/teams('${team}')/operations('${operation}')`
const ofChat = `/chats('${chat}')/operations('${operation}')`

function refusal(location: string, graphOrigin = origin): InvalidLocationError {
  try {
    parseLocation(location, graphOrigin)
  } catch (error) {
    if (error instanceof InvalidLocationError) return error
    throw error
  }
  throw new Error(`Expected ${JSON.stringify(location)} to be refused`)
}

describe('a location of a team operation', () => {
  it.each([
    ['as recorded', ofTeam],
    ['bare in parentheses', `/teams(${team})/operations(${operation})`],
    ['in slash form', `/teams/${team}/operations/${operation}`],
    ['without parentheses', `/teams${team}/operations(${operation})`],
    ['mixed', `/teams('${team}')/operations/${operation}`],
    ['mixed the other way', `/teams/${team}/operations('${operation}')`],
    ['in upper case', `/teams('${team.toUpperCase()}')/operations('${operation.toUpperCase()}')`],
    ['with v1.0', `/v1.0${ofTeam}`],
    ['with beta', `/beta${ofTeam}`],
    ['absolute', `${origin}${ofTeam}`],
    ['absolute with v1.0', `${origin}/v1.0${ofTeam}`],
    ['absolute with beta', `${origin}/beta/teams/${team}/operations/${operation}`],
    ['absolute with another case and the default port', `HTTPS://Graph.Microsoft.COM:443/v1.0${ofTeam}`],
    ['of a group', `/groups('${team}')/team/operations('${operation}')`],
    ['of a group, bare', `/groups(${team})/team/operations(${operation})`],
    ['of a group, in slash form', `/v1.0/groups/${team}/team/operations/${operation}`],
    ['of a joined team', `/me/joinedTeams('${team}')/operations('${operation}')`],
    ['of a joined team of a user', `/users/${team}/joinedTeams/${team}/operations/${operation}`],
    [
      'of a joined team of a principal name',
      `/users('a@b.example')/joinedTeams(${team})/operations(${operation})`,
    ],
    [
      'of a joined team of a guest',
      `/users/a_b.c%23EXT%23@d.example/joinedTeams/${team}/operations/${operation}`,
    ],
    ['percent-encoded', `/teams%28%27${team}%27%29/operations%28%27${operation}%27%29`],
  ])('is read %s', (_, location) => {
    expect(parseLocation(location, origin)).toEqual({
      location: ofTeam,
      operationId: operation,
      owner: { teamId: team },
    })
  })

  it('may have an id of zeros', () => {
    const zeros = '00000000-0000-0000-0000-000000000000'
    expect(parseLocation(`/teams('${team}')/operations('${zeros}')`, origin).operationId).toBe(zeros)
  })

  it('keeps the case of an id that is no GUID', () => {
    expect(parseLocation(`/teams/${team}/operations/Operation-1`, origin).operationId).toBe('Operation-1')
  })

  it('may be absolute on a simulator', () => {
    const ref = parseLocation(`http://127.0.0.1:4100/v1.0${ofTeam}`, 'http://127.0.0.1:4100')
    expect(ref.location).toBe(ofTeam)
  })
})

describe('a location of a chat operation', () => {
  const threeIds = `${operation}-${team}-${operation}`

  it.each([
    ['as documented', ofChat],
    ['bare in parentheses', `/chats(${chat})/operations(${operation})`],
    ['in slash form', `/chats/${chat}/operations/${operation}`],
    ['percent-encoded', `/beta/chats/${encodeURIComponent(chat)}/operations/${operation}`],
    ['percent-encoded in lower case', `/chats/${chat.replace(':', '%3a')}/operations/${operation}`],
    ['of the signed-in user', `/me/chats('${chat}')/operations('${operation}')`],
    ['of a user', `${origin}/beta/users/a@b.example/chats/${chat}/operations/${operation}`],
  ])('is read %s', (_, location) => {
    expect(parseLocation(location, origin)).toEqual({
      location: ofChat,
      operationId: operation,
      owner: { chatId: chat },
    })
  })

  it.each(['19:c253a29b5f694b55a6baad8e83510af7@thread.v2', '19:meeting_MjdhNjM4YzUtYzExZi00OTFk@thread.v2'])(
    'may be in the chat %s, whose case it keeps',
    (chatId) => {
      expect(parseLocation(`/chats/${chatId}/operations/${threeIds}`, origin)).toEqual({
        location: `/chats('${chatId}')/operations('${threeIds}')`,
        operationId: threeIds,
        owner: { chatId },
      })
    },
  )

  it('has an id of three GUIDs whose case does not matter', () => {
    expect(parseLocation(`/chats/${chat}/operations/${threeIds.toUpperCase()}`, origin).operationId).toBe(
      threeIds,
    )
  })
})

describe('what is no location of an operation is refused', () => {
  const slashes = `/teams/${team}/operations/${operation}`

  it.each([
    ['nothing', '', 'empty'],
    ['too long a text', `${ofTeam}${'a'.repeat(2_048)}`, 'longer than 2048'],
    ['another host', `https://graph.microsoft.com.evil.example${ofTeam}`, 'another origin'],
    ['a subdomain', `https://evil.graph.microsoft.com${ofTeam}`, 'another origin'],
    ['the host with a final dot', `https://graph.microsoft.com.${ofTeam}`, 'another origin'],
    ['another port', `https://graph.microsoft.com:444${ofTeam}`, 'another origin'],
    ['the port of another scheme', `https://graph.microsoft.com:80${ofTeam}`, 'another origin'],
    ['no encryption', `http://graph.microsoft.com${ofTeam}`, 'another origin'],
    ['a socket', `wss://graph.microsoft.com${ofTeam}`, 'another origin'],
    ['another scheme', `javascript:${ofTeam}`, 'neither a path nor'],
    ['a scheme with one slash', `https:/graph.microsoft.com${ofTeam}`, 'neither a path nor'],
    ['a scheme with three slashes', `https:///graph.microsoft.com${ofTeam}`, 'neither a path nor'],
    ['user and password', `https://me:secret@graph.microsoft.com${ofTeam}`, 'neither a path nor'],
    ['the host as a user', `https://graph.microsoft.com@evil.example${ofTeam}`, 'neither a path nor'],
    ['an encoded host', `https://graph%2emicrosoft.com${ofTeam}`, 'neither a path nor'],
    ['a host without a scheme', `//graph.microsoft.com${ofTeam}`, 'names a host'],
    ['an absolute URL with a second slash', `${origin}/${ofTeam}`, 'names a host'],
    ['backslashes', `\\\\graph.microsoft.com${ofTeam}`, 'backslash'],
    ['a backslash in the path', ofTeam.replace(')/', ')\\'), 'backslash'],
    ['a step up', `/teams/${team}/channels/../operations/${operation}`, 'not that of an operation'],
    ['a step up before', `/../teams/${team}/operations/${operation}`, 'not that of an operation'],
    ['a step up behind', `${slashes}/..`, 'not that of an operation'],
    ['a step up in a key', `/teams('..')/operations('${operation}')`, 'teamId'],
    ['an encoded step up', `/teams/${team}/x/%2e%2e/operations/${operation}`, 'encodes other characters'],
    ['a step to the same place', `/./teams/${team}/operations/${operation}`, 'not that of an operation'],
    ['an encoded slash', `/teams/${team}%2Foperations/${operation}`, 'encodes other characters'],
    ['an encoded backslash', `/teams/${team}%5Coperations/${operation}`, 'encodes other characters'],
    ['a slash encoded twice', `/teams/${team}%252Foperations/${operation}`, 'encodes other characters'],
    ['an encoded NUL', `${slashes}%00`, 'encodes other characters'],
    ['an encoded newline', `${slashes}%0d%0aX-Header:1`, 'encodes other characters'],
    ['a letter encoded for no reason', slashes.replace('/t', '/%74'), 'encodes other characters'],
    ['a broken encoding', `${slashes}%2`, 'encodes other characters'],
    ['a newline', `${slashes}\r\nX-Header:1`, 'whitespace'],
    ['a newline that a URL parser drops', slashes.replace('teams', 'te\nams'), 'whitespace'],
    ['a space before', ` ${slashes}`, 'whitespace'],
    ['a space behind', `${slashes} `, 'whitespace'],
    ['a NUL', `${slashes}\0`, 'whitespace'],
    ['letters that only look alike', slashes.replace('e', 'е'), 'non-ASCII'],
    ['a fragment', `${slashes}#x`, 'query or a fragment'],
    ['a query', `${slashes}?$select=id`, 'query or a fragment'],
    ['an empty query', `${slashes}?`, 'query or a fragment'],
    ['an encoded query', `${slashes}%3F`, 'encodes other characters'],
    ['an encoded fragment', `${slashes}%23x`, 'operationId'],
    ['a slash at the end', `${slashes}/`, 'not that of an operation'],
    ['a doubled slash', slashes.replace('/operations', '//operations'), 'not that of an operation'],
    ['no slash at the start', slashes.slice(1), 'neither a path nor'],
    ['the root', '/', 'not that of an operation'],
    ['an origin alone', origin, 'not that of an operation'],
    ['a version alone', '/v1.0', 'not that of an operation'],
    ['an unknown version', `/v2.0${ofTeam}`, 'not that of an operation'],
    ['a version twice', `/v1.0/beta${ofTeam}`, 'not that of an operation'],
    ['a team', `/teams('${team}')`, 'not that of an operation'],
    ['a list of operations', `/teams('${team}')/operations`, 'not that of an operation'],
    ['a count of operations', `/teams/${team}/operations/$count`, 'operationId'],
    ['something of an operation', `${slashes}/status`, 'not that of an operation'],
    ['a channel', `/teams/${team}/channels/${operation}`, 'not that of an operation'],
    ['names in other cases', `/Teams/${team}/Operations/${operation}`, 'not that of an operation'],
    ['names as keys', `/groups('${team}')/team('operations')/${operation}`, 'not that of an operation'],
    ['a group that is no team', `/groups('${team}')/operations('${operation}')`, 'not that of an operation'],
    ['me with a key', `/me('x')/joinedTeams/${team}/operations/${operation}`, 'not that of an operation'],
    [
      'a user that is none',
      `/users/x/joinedTeams/${team}/operations/${operation}`,
      'not that of an operation',
    ],
    ['a team that is no GUID', `/teams('x')/operations('${operation}')`, 'teamId'],
    ['a run-together key that is no GUID', `/teams${'-'.repeat(36)}/operations/${operation}`, 'teamId'],
    ['a chat as a team', `/teams('${chat}')/operations('${operation}')`, 'teamId'],
    ['a team as a chat', `/chats('${team}')/operations('${operation}')`, 'chatId'],
    [
      'a doubled quote in a chat',
      `/chats('19:a''b@thread.v2')/operations('${operation}')`,
      'not that of an operation',
    ],
    ['an encoded quote in a chat', `/chats/19:a%27b@thread.v2/operations/${operation}`, 'chatId'],
    ['an endless chat', `/chats/19:a@${'b'.repeat(300)}/operations/${operation}`, 'chatId'],
    ['an endless operation', `/teams/${team}/operations/${'a'.repeat(201)}`, 'operationId'],
    ['an unclosed parenthesis', `/teams('${team}'/operations('${operation}')`, 'not that of an operation'],
    ['an unclosed quote', `/teams('${team})/operations('${operation}')`, 'not that of an operation'],
    ['a key twice', `/teams('${team}')('${team}')/operations('${operation}')`, 'not that of an operation'],
    ['an empty key', `/teams('')/operations('${operation}')`, 'not that of an operation'],
  ])('%s', (_, location, reason) => {
    const { message } = refusal(location)
    expect(message).toContain(reason)
    expect(message).toMatch(/^Expected .* got .*\. Pass .*\.$/)
  })

  it('with a location of a simulator where Microsoft Graph is expected', () => {
    expect(refusal(`http://127.0.0.1:4100/v1.0${ofTeam}`).message).toContain('another origin')
  })

  it.each([
    `https://me:secret@graph.microsoft.com${ofTeam}`,
    `https:///me:secret@graph.microsoft.com${ofTeam}`,
    `//me:secret@graph.microsoft.com${ofTeam}`,
    `/\\me:secret@graph.microsoft.com${ofTeam}`,
    `https:\\\\me:secret@graph.microsoft.com`,
    `https://me:secret#@graph.microsoft.com`,
    `https://evil.example/?access_token=secret`,
    `${ofTeam}?access_token=secret`,
    `${ofTeam}#access_token=secret`,
    'secret.secret.secret',
  ])('without repeating what may be a secret: %s', (location) => {
    expect(refusal(location).message).not.toContain('secret')
  })

  it('on one line, shortened', () => {
    const { message } = refusal(`/${'x\n'.repeat(1_000)}`)
    expect(message).not.toContain('\n')
    expect(message.length).toBeLessThan(500)
  })
})
