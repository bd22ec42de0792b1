import { describe, expect, it } from 'vitest'
import { isMicrosoftGraphOrigin, resolveGraphOrigin, type GraphCloud } from '../../src/graph/graph-origin.ts'

describe('resolveGraphOrigin', () => {
  it.each<[GraphCloud | undefined, string]>([
    [undefined, 'https://graph.microsoft.com'],
    ['global', 'https://graph.microsoft.com'],
    ['usgov', 'https://graph.microsoft.us'],
    ['usgov-dod', 'https://dod-graph.microsoft.us'],
    ['china', 'https://microsoftgraph.chinacloudapi.cn'],
  ])('gives the host of the cloud %s', (cloud, origin) => {
    expect(resolveGraphOrigin({ cloud })).toBe(origin)
  })

  it.each([
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://LOCALHOST:3000/', 'http://localhost:3000'],
    ['http://graph.localhost', 'http://graph.localhost'],
    ['http://127.0.0.1:80', 'http://127.0.0.1'],
    ['http://127.1', 'http://127.0.0.1'],
    ['http://[::1]:4000', 'http://[::1]:4000'],
    ['https://simulator.example:8443', 'https://simulator.example:8443'],
    ['HTTPS://Graph.Microsoft.com:443', 'https://graph.microsoft.com'],
  ])('takes %s', (graphOrigin, origin) => {
    expect(resolveGraphOrigin({ cloud: 'china', graphOrigin })).toBe(origin)
  })

  it.each([
    ['', 'not a URL'],
    ['graph.microsoft.com', 'not a URL'],
    ['localhost:3000', 'scheme'],
    ['ftp://localhost', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['https://user@graph.microsoft.com', 'user name'],
    ['https://user:password@graph.microsoft.com', 'user name'],
    ['https://graph.microsoft.com/v1.0', 'path'],
    ['https://graph.microsoft.com/?', 'path, query'],
    ['https://graph.microsoft.com/?x=1', 'path, query'],
    ['https://graph.microsoft.com/#', 'fragment'],
    ['http://graph.microsoft.com', 'unencrypted'],
    ['http://10.0.0.1', 'unencrypted'],
    ['http://localhost.example', 'unencrypted'],
    ['http://127.0.0.1.example', 'unencrypted'],
  ])('refuses %s', (graphOrigin, why) => {
    expect(() => resolveGraphOrigin({ graphOrigin })).toThrow(TypeError)
    expect(() => resolveGraphOrigin({ graphOrigin })).toThrow(why)
  })

  it('does not repeat a password in the message', () => {
    expect(() => resolveGraphOrigin({ graphOrigin: 'https://user:secret@graph.microsoft.com' })).toThrow(
      /^(?!.*secret)/s,
    )
  })

  it.each(['constructor', 'toString', 'Global'])('refuses the cloud %s', (cloud) => {
    expect(() => resolveGraphOrigin({ cloud: cloud as GraphCloud })).toThrow(
      /Expected `cloud` to be global, usgov, usgov-dod, china/,
    )
  })
})

describe('isMicrosoftGraphOrigin', () => {
  it.each([
    'https://graph.microsoft.com',
    'https://GRAPH.Microsoft.COM',
    'https://graph.microsoft.com.',
    'https://graph.microsoft.com..',
    'https://graph.microsoft.com:8443',
    'http://graph.microsoft.com',
    'https://user@graph.microsoft.com/v1.0',
    'https://ｇraph.microsoft.com',
    'https://graph%2Emicrosoft.com',
    'https://canary.graph.microsoft.com',
    'https://graph.microsoft.us',
    'https://dod-graph.microsoft.us',
    'https://microsoftgraph.chinacloudapi.cn',
    'https://graph.microsoft.de',
    'https://westeurope.graph.microsoft.com',
    'https://graph.microsoft-ppe.com',
  ])('knows %s', (origin) => {
    expect(isMicrosoftGraphOrigin(origin)).toBe(true)
  })

  it.each([
    'http://localhost:3000',
    'https://graph.microsoft.com.example',
    'https://graph.notmicrosoft.com',
    'https://microsoft.com.example',
    'https://example/graph.microsoft.com',
    'graph.microsoft.com',
    '',
  ])('does not take %s for one', (origin) => {
    expect(isMicrosoftGraphOrigin(origin)).toBe(false)
  })
})
